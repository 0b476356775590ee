"""The spellings of a field's words in a collection: those in the settings' lists, and unlisted ones."""

from collections.abc import Sequence

from msgspec import Struct

from cockpit.sources.database.answer import EACH_VALUE, cut
from cockpit.sources.database.client import Document
from cockpit.sources.database.database import Records
from sessions.text.words import compared, listed, uncounted


class Spellings(Struct, frozen=True):
    """Values of a field as they stand there: `meant` are listed words in any case, `others` are texts in neither list.

    `trouble` says that there are too many to be read: what is meant may be among the rest. Where the documents were
    counted, `total` says how many there are, and `mute` how many have no text there; else they are None.
    """

    records: Records
    field: str
    meant: tuple[str, ...]
    others: tuple[str, ...]
    trouble: str = ""
    total: int | None = None
    mute: int | None = None

    async def strangers(self, match: Document, thing: str, name: str) -> str:
        """Say how many things that match have a word that nobody listed; empty if there are none.

        `name` is what the owner calls the field.
        """
        if not self.others:
            return ""
        stages: list[Document] = [
            {"$match": {**match, self.field: {"$in": [*self.others]}}},
            {"$group": {"_id": f"${self.field}", "n": {"$sum": 1}}},
        ]
        found = {row["_id"]: int(row["n"]) for row in await self.records.rows(stages) if isinstance(row["_id"], str)}
        return uncounted(found, thing, name)


async def spellings(
    records: Records, field: str, meant: Sequence[str], known: Sequence[str], *, counts: bool = False
) -> Spellings:
    """Look up how `meant` is written. What the owner wrote is always among it: it may be written the next moment.

    Documents are then asked for by equality, so that an index answers, and are compared as everything here is. Who has
    to count all of them anyway has `counts` of them in the same look.
    """
    # A group without sums is answered by an index that begins with the field, without reading documents.
    sums = {"n": {"$sum": 1}} if counts else {}
    found = await records.rows([{"$group": {"_id": f"${field}", **sums}}, EACH_VALUE])
    values = [row["_id"] for row in found if isinstance(row["_id"], str)]
    ours, theirs = compared(meant), compared(known)
    written = (value for value in values if listed(value, ours))
    others = (value for value in values if not listed(value, ours | theirs))
    known_words = tuple(dict.fromkeys((*meant, *written))), tuple(others)
    trouble = cut(found, field)
    if not counts or trouble:
        return Spellings(records, field, *known_words, trouble)
    total, mute = (sum(int(row["n"]) for row in rows) for rows in (found, filter(_is_mute, found)))
    return Spellings(records, field, *known_words, total=total, mute=mute)


def _is_mute(row: Document) -> bool:
    """Whether a value is no text, and holds none."""
    value = row["_id"]
    return not any(isinstance(item, str) for item in (value if isinstance(value, list) else [value]))
