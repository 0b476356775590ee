"""What a history keeps in memory while its file fails: the newest rows of each subject, and unwritten ones."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from sessions.history.queries import FORGET_AFTER, Found, Row

MOST_OWED = 20_000
MOST_SUBJECTS = 500

Subject = tuple[str, str]
Slot = tuple[str, str, str]
Statement = tuple[str, tuple[object, ...]]


class Memory:
    """Rows in memory: so many of each subject, and so many that wait."""

    def __init__(self, each: int, most: int = MOST_OWED) -> None:
        self._lost = 0
        self._each, self._most = each, most
        self._kept: dict[Subject, dict[str, Row]] = {}
        self._owed: dict[Slot, Row] = {}
        self._signs: dict[str, Statement] = {}
        self._unsigned: dict[str, Statement] = {}
        self._forget = ""

    def __bool__(self) -> bool:
        """Whether anything is to be written."""
        return bool(self._owed or self._unsigned or self._forget)

    def take(self, rows: Iterable[Row]) -> None:
        """Know rows that are to be written; of one slot the newest measurement stays."""
        for row in rows:
            self._keep(row)
            older = self._owed.pop(row[:3], row)
            self._owed[row[:3]] = max(older, row, key=_moment)
        while len(self._owed) > self._most:
            del self._owed[next(iter(self._owed))]
            self._lost += 1

    def sign(self, name: str, statement: str, values: tuple[object, ...]) -> None:
        """Know a sign that is to be left; it takes the place of the one before."""
        self._signs[name] = self._unsigned[name] = (statement, values)

    def forget_after(self, at: str) -> None:
        """Forget what is dated later, here and then on the disk."""
        self._forget = min(self._forget or at, at)
        self._owed = {slot: row for slot, row in self._owed.items() if row[3] <= at}
        for subject, rows in self._kept.items():
            self._kept[subject] = {slot: row for slot, row in rows.items() if row[3] <= at}

    def again(self) -> None:
        """All that is known is to be written once more: the file is another one."""
        known = {row[:3]: row for rows in self._kept.values() for row in rows.values()}
        self._owed = {row[:3]: row for row in sorted({**known, **self._owed}.values(), key=_moment)}
        self._unsigned = dict(self._signs)

    def statements(self) -> Sequence[Statement]:
        """Return what is to be done before any row is written."""
        return [*([(FORGET_AFTER, (self._forget,))] if self._forget else []), *self._unsigned.values()]

    def rows(self, most: int = MOST_OWED) -> Sequence[Row]:
        """Return rows to write, the oldest first."""
        return list(islice(self._owed.values(), most))

    def written(self, rows: Sequence[Row]) -> int:
        """`rows` and all statements are on the disk; return how many rows never will be, once none waits any more."""
        for row in rows:
            del self._owed[row[:3]]
        self._unsigned, self._forget = {}, ""
        if self._owed:
            return 0
        lost, self._lost = self._lost, 0
        return lost

    def found(self, *, all_known: bool) -> list[Found]:
        """Return what the disk does not have, or all that is known here."""
        rows: Mapping[Slot, Row] = self._owed
        if all_known:
            rows = {**{row[:3]: row for kept in self._kept.values() for row in kept.values()}, **rows}
        return [(kind, body, at) for kind, _, _, at, body in rows.values()]

    def signed(self, name: str, *, waiting: bool = False) -> tuple[object, ...] | None:
        """Return the newest sign of that name, None where none was left, or where none is `waiting` to be written."""
        known = self._unsigned if waiting else self._signs
        return known[name][1] if name in known else None

    def _keep(self, row: Row) -> None:
        kept = self._kept.setdefault(row[:2], {})
        kept[row[2]] = max(kept.get(row[2], row), row, key=_moment)
        if len(kept) > self._each:
            del kept[next(iter(kept))]
        if len(self._kept) > MOST_SUBJECTS:
            del self._kept[next(iter(self._kept))]


def _moment(row: Row) -> str:
    return row[3]
