"""A JSON document and the owner's shape for it become readings; what has another form is counted, never guessed."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from cockpit.settings.models.json_answers import ROWS, Shape
from cockpit.sources.interface.source import SourceError
from cockpit.sources.json.objects import WHOLES
from cockpit.sources.json.parts import Finder, Parts, UnreadableError, find_by
from cockpit.sources.json.rows import MAKERS, Asking, ReadRow, Skip, triage
from sessions.text.clean import clean
from sessions.values.readings import Exposure, Reading

ROWS_LIMIT = 10_000


class Contents(Struct, frozen=True):
    """What a document says: readings, how many of its `total` rows could not be read, and the first reason.

    `note` tells of rows that were good and left out; `newest` is the time of the newest datum; `cut` says why there may
    be more rows.
    """

    readings: tuple[Reading, ...]
    unreadable: int = 0
    total: int = 0
    newest: datetime | None = None
    note: str = ""
    why: str = ""
    cut: str = ""

    @property
    def doubt(self) -> str:
        """Why it proves nothing: cut, or over 1 % unreadable. A single bad row is forgiven, unless it is all."""
        if self.cut:
            return self.cut
        bad, total = self.unreadable, self.total
        if bad and (bad > max(1, total // 100) or bad >= total):
            return f"{bad:,} of {total:,} rows unreadable: {self.why}"
        return ""


class Reader:
    """Reads documents of one shape, whose expressions the settings have proved."""

    def __init__(self, shape: Shape) -> None:
        self._topic = shape.topic
        self._path = shape.rows
        self._find_rows = find_by(shape.rows) if shape.rows else None
        self._finder = Finder(shape.fields)

    def read(self, document: object, asking: Asking, cut: str = "") -> Contents:
        """Return what the document says; rows without a window of their own are of the one asked about.

        Where it is `cut` a critical line counts all the same, and nothing else. Raises SourceError then, and where a
        part that is needed is missing, or nothing has the shape.
        """
        if self._topic == "triage":
            rows = self._rows(document)
            found, wrong = triage(rows, self._finder, asking)
            answer = Contents((found,), len(wrong), len(rows), why=wrong[0] if wrong else "", cut=cut)
            return replace(answer, readings=(replace(found, doubt=clean(answer.doubt)),))
        if cut:
            raise SourceError(cut)
        if self._topic in ROWS:
            return self._each(self._rows(document), asking)
        try:
            whole = WHOLES[self._topic](Parts(self._finder, document, asking.now), asking)
            return Contents((whole,), total=1, newest=whole.newest if isinstance(whole, Exposure) else None)
        except UnreadableError as error:
            raise SourceError(str(error)) from error

    def _rows(self, document: object) -> list[object]:
        where = f'rows ("{self._path}")' if self._path else "the answer"
        try:
            found = self._find_rows(document) if self._find_rows else document
        except UnreadableError as error:
            raise SourceError(f"{where} {error}") from error
        if isinstance(found, Mapping) and any(isinstance(column, list) for column in found.values()):
            found = _lines(found, where)
        if not isinstance(found, list):
            raise SourceError(f"{where} {'is missing' if found is None else 'is no list'}")
        if len(found) > ROWS_LIMIT:
            raise SourceError(f"{len(found):,} rows, at most {ROWS_LIMIT:,} are read")
        return found

    def _each(self, rows: list[object], asking: Asking) -> Contents:
        make = MAKERS[self._topic]
        found: dict[str, ReadRow] = {}
        skipped: Counter[Skip] = Counter()
        wrong: list[str] = []
        for item in rows:
            try:
                row = make(Parts(self._finder, item, asking.now), asking)
            except UnreadableError as error:
                wrong.append(str(error))
                continue
            if isinstance(row, Skip):
                skipped[row] += 1
            elif row.key in found:
                raise SourceError(f"{row.key} is there twice")
            else:
                found[row.key] = row
        _check_cut(skipped, found, asking)
        newest = max((row.newest for row in found.values() if row.newest is not None), default=None)
        note = ", ".join(f"{count:,} row{'s'[: count > 1]} {skip.value}" for skip, count in skipped.items())
        readings = tuple(row.reading for row in found.values())
        return Contents(readings, len(wrong), len(rows), newest, note, wrong[0] if wrong else "")


def _lines(columns: Mapping[str, object], where: str) -> list[object]:
    """Return the rows of a table given as columns. Raises SourceError if their lengths differ."""
    lists = {name: column for name, column in columns.items() if isinstance(column, list)}
    for name, column in columns.items():
        if name not in lists:
            why = "is missing" if column is None else "is no list"
            raise SourceError(f"{where}: column {clean(name, 40)} {why}")
    if len({len(column) for column in lists.values()}) > 1:
        told = ", ".join(f"{clean(name, 40)} {len(column):,}" for name, column in lists.items())
        raise SourceError(f"{where}: columns of different lengths, {clean(told, 90)}")
    return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]


def _check_cut(skipped: Counter[Skip], found: dict[str, ReadRow], asking: Asking) -> None:
    if skipped[Skip.CUT] and not found:
        raise SourceError(f"no row is of a window of {asking.plan.windows.length:g} s that begins at its multiple")
