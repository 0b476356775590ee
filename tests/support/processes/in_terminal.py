"""The program that the terminal tests run: the screen over a fake door, with one fault if it is asked for."""

import sys

from cockpit.settings.models.settings import Settings
from cockpit.tui.app import Cockpit
from tests.support.screen import sample
from tests.support.screen.fake_door import FakeDoor


def main(what: str, text: str = "") -> int:
    judgement = sample.hostile(bytes.fromhex(text).decode()) if what == "hostile" else sample.calm()
    settings = Settings(mouse=what != "mouseless")
    app = Cockpit(FakeDoor(judgement), tz=sample.TZ, clock=lambda: sample.NOW, settings=settings)
    if what == "fails":

        def fail() -> None:
            secret = "hunter2"
            raise RuntimeError(f"no such thing as {len(secret)}")

        app.action_how_to_quit = fail
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
