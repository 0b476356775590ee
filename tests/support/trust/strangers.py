"""Another's folder: a session whose settings run programs, ask addresses and read variables; and what tells of it."""

import os
import socket
from datetime import UTC, datetime, timedelta

from cockpit.settings.file.wiring import Wiring
from sessions.storage.folders import SESSION
from sessions.storage.journal import create
from sessions.values.entries import Draft
from tests.support.watch.watching import FAST, enter, put

VARIABLE = "STRANGERS_CANARY"
SETTINGS = """
service = "theirs"
[sources.program]
kind = "command"
topic = "csat"
argv = ["/usr/bin/touch", "FOLDER/canary-source"]
[sources.page]
kind = "scrape"
urls = ["URL/metrics"]
token = "${VARIABLE}"
[sources.records]
kind = "mongo"
uri = "${VARIABLE}"
database = "theirs"
topics = ["journeys", "collections"]
[sources.desk]
kind = "json"
url = "URL/x"
topic = "queue"
token = { command = ["/usr/bin/touch", "FOLDER/canary-secret"] }
[sources.walk]
kind = "journey"
url = "URL"
steps = [{ name = "look", path = "/x" }]
[activities."p1.wf7"]
argv = ["/usr/bin/touch", "FOLDER/canary-activity"]
[flag]
kind = "command"
read = ["/usr/bin/touch", "FOLDER/canary-flag-read"]
write = ["/usr/bin/touch", "FOLDER/canary-flag-write", "{percent}"]
[changes]
command = ["/usr/bin/touch", "FOLDER/canary-changes"]
[failures]
url = "URL/failures"
token = "${VARIABLE}"
[[notifications.webhooks]]
name = "phone"
kind = "json"
url = "${VARIABLE}"
"""


class Spied(dict):
    """An environment that notes who reads the canary."""

    def __init__(self, values):
        super().__init__(values)
        self.read = []

    def __getitem__(self, name):
        self._note(name)
        return super().__getitem__(name)

    def get(self, name, default=None):
        self._note(name)
        return super().get(name, default)

    def _note(self, name):
        if name == VARIABLE:
            self.read.append(name)

    def copy(self):
        return dict(self)


class Stranger:
    """A folder that somebody handed over, a loopback address that must not be asked, a variable that must stay."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        folder.mkdir(mode=0o700)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.settings = folder / "cockpit.toml"
        text = SETTINGS.replace("${VARIABLE}", f"${{{VARIABLE}}}").replace("URL", self.url)
        self.settings.write_text(text.replace("FOLDER", str(folder)), "utf-8")
        self.environ = Spied({**os.environ, VARIABLE: f"{self.url}/canary"})
        monkeypatch.setattr(os, "environ", self.environ)

    def session(self, wiring=None):
        """Write a session into the folder as another's cockpit would: nobody here trusted it."""
        table = (wiring or Wiring(settings=str(self.settings))).table()
        begun = datetime.now(UTC) - timedelta(minutes=2)
        create(self.folder / SESSION, "theirs", FAST.table, begun, table)
        enter(self.folder, FAST, 10, begun)
        put(self.folder, 10, Draft("watch.started", "watch", "w", {"pid": 1, "host": "box"}), at=begun)
        put(self.folder, 10, Draft("note.written", "owner", "calm", {}))
        return self.folder

    def itself(self):
        """Return a wiring that needs no settings file."""
        return Wiring((f"{self.url}/metrics",), "COCKPIT_MONGO_URI", "theirs", str(self.folder / "canary-flags.json"))

    def heard(self):
        """Return everything that ran, was asked or was read."""
        found = sorted(path.name for path in self.folder.glob("canary-*"))
        try:
            self.listener.accept()[0].close()
            found.append("a connection")
        except BlockingIOError:
            pass
        return [*found, *self.environ.read]

    def close(self):
        self.listener.close()
