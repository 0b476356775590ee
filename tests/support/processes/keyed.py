"""The program that the tests of the keyboard run: the screen over a door that writes each request on the disk."""

import json
import os
import sys

from cockpit.tui.app import Cockpit
from tests.support.screen import sample
from tests.support.screen.fake_door import FakeDoor


class Written(FakeDoor):
    def __init__(self, path: str) -> None:
        super().__init__(sample.calm())
        self._path = path

    def ask(self, request):
        with open(self._path, "a", encoding="utf-8") as file:  # noqa: PTH123 - no folder is walked
            file.write(json.dumps([request.act.value, request.subject, request.text]) + "\n")
            os.fsync(file.fileno())
        return super().ask(request)


def main(path: str) -> int:
    app = Cockpit(Written(path), tz=sample.TZ, clock=lambda: sample.NOW)
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
