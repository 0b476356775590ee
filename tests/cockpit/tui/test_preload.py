"""A second after the deck the screens that need few modules are loaded; those that need many wait for their key."""

import subprocess
import sys

LATER = """
import sys
import cockpit.tui.app
import cockpit.tui.screens.deck
from cockpit.tui.screens import lazy
from cockpit.tui.screens.lazy import preload
screens = lambda: {name.rpartition(".")[2] for name in sys.modules if name.startswith("cockpit.tui.screens.")}
before = screens()
let_go = lazy.let_go
lazy.let_go = lambda: (let_go(), print("let go"))
preload()
print(*sorted(screens() - before))
"""


def test_log_and_detail_are_loaded_before_their_keys_and_nothing_heavy_is():
    ran = subprocess.run([sys.executable, "-c", LATER], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.startswith("let go"), "a second after the deck nobody waits for that either"
    assert {"detail", "log"} <= set(ran.stdout.split())
    assert not {"risks", "week", "report", "sheet"} & set(ran.stdout.split())


PAUSED = """
import asyncio, sys
from tests.support.screen.pilots import flying
from tests.support.screen.sample import calm

async def pause():
    async with flying(calm()) as flown:
        await flown.press("space")
        print([request.act.value for request in flown.door.asked], "cockpit.tui.prompts" in sys.modules)
        await flown.press("n")
        print("cockpit.tui.prompts" in sys.modules)

asyncio.run(pause())
"""


def test_a_pause_waits_for_no_dialog_to_be_loaded():
    ran = subprocess.run([sys.executable, "-c", PAUSED], capture_output=True, text=True, check=True, timeout=120)
    assert ran.stdout.splitlines() == ["['pause'] False", "True"]
