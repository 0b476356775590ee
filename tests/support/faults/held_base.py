"""Databases that stand still in the middle of a statement: whoever closes one then closes it in use."""

import sqlite3
import threading

from sessions.storage.disk import FileOps


class HeldDisk(FileOps):
    """A disk whose databases stand still in the middle of a statement, once `hold` is set, until they may `go` on."""

    def __init__(self):
        self.hold, self.running, self.go, self.met = (threading.Event() for _ in range(4))
        self.ends = 1

    def connect(self, path, patience, *, writing):
        disk = self

        class Connection(sqlite3.Connection):
            def interrupt(self):
                super().interrupt()
                disk.met.set()

        uri = f"{path.absolute().as_uri()}?mode={'rw' if writing else 'ro'}"
        options = {"uri": True, "timeout": patience, "isolation_level": None, "check_same_thread": False}
        db = sqlite3.connect(uri, factory=Connection, **options)
        db.set_progress_handler(self._stand, 1)
        return db

    def _stand(self):
        """What stood still is interrupted, as an interruption in its middle would."""
        if not self.hold.is_set():
            return 0
        self.running.set()
        self.go.wait(60)
        return self.ends
