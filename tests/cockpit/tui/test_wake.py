import threading
import time

from msgspec.structs import replace

from cockpit.tui.app import Cockpit
from tests.support.screen.grown_flight import Flight, entered, started
from tests.support.screen.pilots import flying


async def test_the_watchs_word_is_painted_without_waiting_for_the_second_hand(monkeypatch):
    monkeypatch.setattr(Cockpit, "_second", lambda _self: None)
    before = entered(started()).judged()
    async with flying(before) as flown:
        assert "never dull" not in flown.text()
        after = replace(before, state=entered(started(Flight())).wrote(before.at, "note.written", "never dull").state)
        watch = threading.Thread(target=flown.door.turn, args=(after,))
        watch.start()
        watch.join()
        deadline = time.monotonic() + 60
        while "never dull" not in flown.text() and time.monotonic() < deadline:
            await flown.pilot.pause(0.02)
        assert "never dull" in flown.text()
