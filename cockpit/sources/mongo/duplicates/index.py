"""What is known of a collection's business keys since it was looked through, kept up to date by its new documents."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from cockpit.sources.database.answer import AHEAD
from cockpit.sources.mongo.duplicates.business_keys import Key, Shelf, Token, plain, token, whole
from cockpit.sources.mongo.duplicates.copies import counts_of
from cockpit.sources.mongo.duplicates.recent import made_between
from sessions.text.clean import clean

OVERLAPS = (timedelta(minutes=2), timedelta(seconds=1), timedelta(seconds=-1))
"""How far clocks of several writers, and secondaries, may lie behind the newest document; less after an import."""

MOST_NEW = 20_000
"""More new documents than these are found sooner by looking through everything."""

_EXAMPLES_SHOWN = 3
_LOOKED_UP = 2
"""How often each new document is looked up: a secondary that lags may not have had its other one."""


class Copies(Struct, frozen=True):
    """Duplicates of a collection of `count` documents as of `at`; `keyless` documents have no key to compare."""

    at: datetime
    count: int
    duplicates: int
    keyless: int
    examples: tuple[str, ...]
    newest: datetime | None


class Known(Struct):
    """What is known since one look through everything, begun at `begun` on `base` documents, which took `took` s.

    Nothing new is expected more than `overlap` before the newest document.

    `seen` are the ids of recent documents with how often they were looked up, `fresh` counts those that came since.
    `beyond` are duplicates whose keys are too many or too odd to be looked up again.
    """

    begun: datetime
    base: int
    took: float
    mark: datetime | None
    indexed: bool
    keyless: int
    undated: int
    keys: dict[Token, tuple[Key, int]]
    beyond: int
    overlap: timedelta = OVERLAPS[0]
    seen: dict[Token, int] = field(default_factory=dict)
    fresh: int = 0
    counted: int = 0
    doubt: str = ""

    @property
    def follows(self) -> bool:
        """Whether new documents can be found and looked up one by one."""
        return self.indexed and not self.undated

    @property
    def duplicates(self) -> int:
        """How many documents are too many."""
        return max(0, self.beyond) + sum(n - 1 for _, n in self.keys.values())

    @property
    def examples(self) -> tuple[str, ...]:
        """The keys that are there most often, cleaned."""
        most = sorted(self.keys.values(), key=lambda one: -one[1])[:_EXAMPLES_SHOWN]
        return tuple(clean(f"{' '.join(map(str, key))} ×{n}", 80) for key, n in most)

    async def catch_up(self, shelf: Shelf, now: datetime, count: int) -> None:
        """Look up what came since, and again what was new the last time. Raises PyMongoError."""
        mark = min(self.mark or self.begun, now)
        found = await made_between(shelf, mark - self.overlap, now + AHEAD, MOST_NEW + 1)
        if len(found) > MOST_NEW:
            self.doubt = f"over {MOST_NEW:,} new documents"
            return
        recent = {token((document["_id"],)): shelf.key_of(document) for document in found}
        await self._look_up(shelf, [key for name, key in recent.items() if self.seen.get(name, 0) < _LOOKED_UP])
        new = [key for name, key in recent.items() if name not in self.seen]
        self.keyless += sum(not whole(key) for key in new)
        self.fresh += len(new)
        # What was there at the last look must have been seen by now; else it is dated long ago, or not at all.
        if self.counted > self.base + self.fresh:
            self.doubt = f"{self.counted - self.base - self.fresh:,} documents not seen yet"
        self.seen, self.counted = {name: self.seen.get(name, 0) + 1 for name in recent}, count
        self.mark = max([mark, *(date for document in found if (date := shelf.date(document)))])

    async def _look_up(self, shelf: Shelf, keys: Sequence[Key]) -> None:
        """Count the documents of these keys and of those that are known to be repeated: what was mended is gone."""
        complete = [key for key in keys if whole(key)]
        if not all(map(plain, complete)):
            self.doubt = "keys that cannot be looked up"
        counts = await counts_of(shelf, [*filter(plain, complete), *(key for key, _ in self.keys.values())])
        self.keys = {name: (key, n) for name, (key, n) in counts.items() if n > 1}
