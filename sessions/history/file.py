"""`history.sqlite` as a file: ours alone and of our shape. What is neither is set aside, never deleted or overwritten.

No descriptor on the database is opened and closed here: that would drop the locks that SQLite holds in this process.
Who makes or renames the file holds the folder's lock, so that no two processes do.
"""

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path

from sessions.history.queries import TABLES
from sessions.storage.disk import FileOps, is_ours_alone, kind_of, take_name, write_new
from sessions.text.clean import clean

PATIENCE = 0.05
"""Seconds: the longest wait for one lock; a call meets at most four of them, and none while one is held for long."""
_SMALLEST = 512
"""Bytes: what is smaller and not empty SQLite would overwrite."""
_ENDS = ("-wal", "-shm", "-journal")
_SHAPE = """
SELECT lower(m.name), m.type, p.name, p.type, p.pk FROM sqlite_master m, pragma_table_info(m.name) p
WHERE m.type IN ('table', 'view') ORDER BY m.name, p.cid
"""

Mark = tuple[int, int]


class ForeignError(Exception):
    """The file is not a history of this cockpit; the text says what it is."""


class HistoryFile:
    """The file of one history. `moved` says what became of the one that was open, once it is another or gone."""

    def __init__(self, path: Path, files: FileOps, *, writing: bool) -> None:
        self.path = path
        self.moved = ""
        self.openings = 0
        self._files = files
        self._writing = writing
        self._db: sqlite3.Connection | None = None
        self._mark: Mark | None = None
        self._log: Mark | None = None

    def opened(self, patience: float = PATIENCE) -> sqlite3.Connection:
        """Return a connection to the file that stands there now; a lock is waited for no longer than `patience`.

        Raises sqlite3.Error, OSError, and ForeignError.
        """
        mark = self._marked(self.path)
        if self._mark not in (None, mark):
            self.close()
            self.moved = "was deleted" if mark is None else "was replaced by another file"
        if self._db is None:
            self._db = self._found(mark, patience)
            self.openings += 1
            self._log = self._marked(self._beside("-wal"))
        self._db.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
        return self._db

    def close(self) -> None:
        """Let go of the file. Closing twice is harmless."""
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    def interrupt(self) -> None:
        """End the statement that another thread runs; does nothing where none runs. The one call for any thread."""
        if (db := self._db) is not None:
            with contextlib.suppress(sqlite3.Error):
                db.interrupt()

    def give_up(self) -> None:
        """End a transaction that a failure left open."""
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.rollback()

    def there(self) -> bool:
        """Whether a file exists; one that cannot be examined counts as existing."""
        try:
            return self._marked(self.path) is not None
        except OSError:
            return True

    def held(self, patience: float) -> bool:
        """Whether another process holds the right to write for longer than `patience`."""
        try:
            with contextlib.closing(self._files.connect(self.path, patience, writing=True)) as db:
                db.execute("BEGIN IMMEDIATE")
                db.execute("ROLLBACK")
        except (sqlite3.Error, OSError) as error:
            return is_locked(error)
        return False

    def set_aside(self) -> str:
        """Rename what was last opened, with what belongs to it; return its new name, empty where it is gone already."""
        self.close()
        with self._alone():
            if self._mark is None or self._marked(self.path) != self._mark:
                return ""
            target = self._free_name()
            self._files.rename(self.path, target)
            for end in _ENDS:
                with contextlib.suppress(FileNotFoundError):
                    self._files.rename(self._beside(end), target.with_name(f"{target.name}{end}"))
        self._mark = None
        return target.name

    def _found(self, mark: Mark | None, patience: float) -> sqlite3.Connection:
        if mark is None:
            if not self._writing:
                raise FileNotFoundError("is not there")
            self._begin()
        elif self._writing and self._mark not in (None, mark):
            self._drop_old_log()
        self._refuse_others()
        self._db = db = self._files.connect(self.path, patience, writing=self._writing)
        try:
            self._examine(db)
        except BaseException:
            self.close()
            raise
        return db

    def _refuse_others(self) -> None:
        """Accept the file as ours, or raise ForeignError; remove the rights of others to read it."""
        status = self._files.named(self.path)
        self._mark = status.st_dev, status.st_ino
        if what := kind_of(status.st_mode):
            raise ForeignError(f"is {what}")
        if 0 < status.st_size < _SMALLEST:
            raise ForeignError("is no database")
        if self._writing and stat.S_IMODE(status.st_mode) != 0o600 and is_ours_alone(status):
            self._files.permit(self.path, 0o600)

    def _drop_old_log(self) -> None:
        """A log that is still the one of the file before must not be played into this one."""
        with self._alone():
            if self._log is not None and self._marked(self._beside("-wal")) == self._log:
                self._sweep()

    def _examine(self, db: sqlite3.Connection) -> None:
        """Raise ForeignError where the tables are not ours; make those that are missing."""
        try:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            found = shape(db)
        except sqlite3.OperationalError as error:
            if primary(error) == sqlite3.SQLITE_ERROR:
                raise ForeignError(f"is no history ({clean(error, 80)})") from error
            raise
        if version:
            raise ForeignError(f"is of version {version}, this cockpit knows 0")
        for table, columns in _ours().items():
            if found.get(table, columns) != columns:
                raise ForeignError(f"has another table {table}")
        if self._writing:
            _make(db)
        elif "readings" not in found:
            raise FileNotFoundError("is empty")

    def _begin(self) -> None:
        """Make an empty file, mode 0600 before it has its name; what a deleted one left behind goes."""
        draft = self.path.with_name(f".{self.path.name}.{os.urandom(4).hex()}")
        with self._alone():
            if self._marked(self.path) is not None:
                return
            self._sweep()
            write_new(draft, b"", self._files)
            try:
                take_name(draft, self.path, self._files)
            except OSError:
                self._files.unlink(draft)
                raise

    def _sweep(self) -> None:
        for end in _ENDS:
            with contextlib.suppress(FileNotFoundError):
                self._files.unlink(self._beside(end))

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        fd = self._files.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self._files.lock(fd)
            yield
        finally:
            self._files.close(fd)

    def _free_name(self) -> Path:
        names = (f"{self.path.name}.broken" + (f"-{number}" if number > 1 else "") for number in count(1))
        return next(path for path in map(self.path.with_name, names) if self._marked(path) is None)

    def _beside(self, end: str) -> Path:
        return self.path.with_name(f"{self.path.name}{end}")

    def _marked(self, path: Path) -> Mark | None:
        """Return what tells one file from another, None where there is none."""
        try:
            status = self._files.named(path)
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino


def is_locked(error: Exception) -> bool:
    """Whether another process holds the lock."""
    return isinstance(error, BlockingIOError) or primary(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def primary(error: Exception) -> int:
    """Return what SQLite says in one number, without the detail; 0 where it is not SQLite that says it."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def shape(db: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Return the columns of every table and view by its name."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for name, *column in db.execute(_SHAPE):
        found.setdefault(name, []).append(tuple(column))
    return found


@cache
def _ours() -> dict[str, list[tuple[object, ...]]]:
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.executescript(TABLES)
        return shape(db)


def _make(db: sqlite3.Connection) -> None:
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.executescript(TABLES)
    except sqlite3.OperationalError as error:
        if primary(error) == sqlite3.SQLITE_ERROR:
            raise ForeignError(f"takes no table of ours ({clean(error, 80)})") from error
        raise
