"""Applies edits to a draft: each line keeps its key and its sources, also when it is reworded or moved."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from sessions.reports.drafts import Bullet
from sessions.reports.edits.fold import Edits, Worded, section_of


def laid(sections: Mapping[str, Sequence[Bullet]], edits: Edits) -> dict[str, tuple[Bullet, ...]]:
    """Return all lines of each section as a person left them, struck ones too; every key begins with its section."""
    return {name: _section(name.lower(), rows, edits) for name, rows in sections.items()}


def _section(name: str, rows: Sequence[Bullet], edits: Edits) -> tuple[Bullet, ...]:
    keyed = [replace(row, key=f"{name}.{row.key}") for row in rows]
    known = {row.key for row in keyed}
    drafted = [_worded(row, edits.worded.get(row.key)) for row in keyed]
    gone = [
        Bullet(one.words, one.sources, key, drafted=one.drafted or one.words, changed="no longer drafted")
        for key, one in edits.worded.items()
        if section_of(key) == name and key not in known
    ]
    own = [Bullet(words, key=key, own=True) for key, words in edits.own.items() if section_of(key) == name]
    return _placed([*drafted, *gone, *own], edits.places.get(name, {}))


def _worded(row: Bullet, worded: Worded | None) -> Bullet:
    """A line stays as it was reworded, and says when its facts changed since."""
    if worded is None:
        return row
    return replace(row, text=worded.words, drafted=row.text, changed=_changed(row, worded))


def _changed(row: Bullet, worded: Worded) -> str:
    """Say how the facts behind a line changed: its entries, or its text if it has no entries."""
    if not row.sources and not worded.sources:
        return "facts changed" if row.text != worded.drafted else ""
    more = [number for number in row.sources if number not in worded.sources]
    if more:
        return f"facts changed with #{more[-1]}"
    return "facts changed" if set(row.sources) != set(worded.sources) else ""


def _placed(rows: Sequence[Bullet], places: Mapping[str, int]) -> tuple[Bullet, ...]:
    """Put what was moved where it was put, and leave all else in its order around it."""
    order = [row for row in rows if row.key not in places]
    for row in sorted((row for row in rows if row.key in places), key=lambda one: places[one.key]):
        order.insert(places[row.key], row)
    return tuple(order)
