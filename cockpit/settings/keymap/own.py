"""The keys that screens have for themselves, and those of the cursor: another key can be given to each of them too."""

from collections.abc import Mapping

from msgspec import Struct


class Own(Struct, frozen=True):
    """What a key does on some screens only: its keys, the bindings of all screens that have it, and its words."""

    keys: tuple[str, ...]
    bindings: tuple[str, ...]
    words: str


MOVES: Mapping[str, Own] = {
    "cursor.up": Own(
        ("up",),
        ("cursor.up", "detail.up", "risks.up", "week.up", "sheet.up", "report.up", "entries.up", "list.up"),
        "Cursor up",
    ),
    "cursor.down": Own(
        ("down",),
        (
            *("cursor.down", "detail.down", "risks.down", "week.down", "sheet.down", "report.down"),
            *("entries.down", "list.down"),
        ),
        "Cursor down",
    ),
    "cursor.left": Own(("left",), ("cursor.left", "detail.before", "risks.before", "week.left"), "Cursor left"),
    "cursor.right": Own(("right",), ("cursor.right", "detail.next", "risks.next", "week.right"), "Cursor right"),
    "cursor.next": Own(("tab",), ("cursor.next", "detail.next", "risks.next"), "Next pane"),
    "cursor.before": Own(("shift+tab",), ("cursor.before", "detail.before", "risks.before"), "Pane before"),
    "cursor.open": Own(
        ("enter",),
        ("cursor.open", "cursor.none", "risks.open", "week.open", "sheet.find", "report.export", "entries.open"),
        "Open",
    ),
    "cursor.pageup": Own(("pageup",), ("week.pageup", "sheet.pageup", "entries.pageup"), "Page up"),
    "cursor.pagedown": Own(("pagedown",), ("week.pagedown", "sheet.pagedown", "entries.pagedown"), "Page down"),
    "cursor.home": Own(("home",), ("entries.home",), "First line"),
    "cursor.end": Own(("end",), ("entries.end",), "Last line"),
}
"""What moves the cursor on every screen, and opens what is under it."""

OWN: Mapping[str, Own] = {
    "cursor.copy": Own(("y", "Y"), ("cursor.copy", "cursor.copy_always"), "Copy"),
    "sheet.run": Own(("g",), ("sheet.run", "list.run"), "Run, on sheets and in the tasks"),
    "sheet.message": Own(("m",), ("sheet.message",), "Message, on sheets"),
    "sheet.look": Own(("L",), ("sheet.look",), "Look again, on sheets"),
    "sheet.odd": Own(("O",), ("sheet.odd",), "Ok or odd, on sheets"),
    "report.add": Own(("a",), ("report.add",), "Add a line, on the report"),
    "report.edit": Own(("e",), ("report.edit",), "Edit the line, on the report"),
    "report.strike": Own(("x",), ("report.strike",), "Strike the line, on the report"),
    "report.preview": Own(("p",), ("report.preview",), "Preview, on the report"),
    "entries.filter": Own(("slash",), ("entries.filter",), "Filter, on the log"),
}
"""What some screens have a letter for; on the other screens that letter may be another's."""

ALSO: Mapping[str, tuple[str, ...]] = {"list.up": ("k",), "list.down": ("j",)}
"""Keys that a binding keeps whatever is given to it."""


def bindings_of(changed: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the keys of every screen's own binding that has others now, with a comma between two."""
    every = {**MOVES, **OWN}
    touched = {name for act in changed for name in every[act].bindings}
    keys = {
        name: [
            *(key for act, own in every.items() if name in own.bindings for key in changed.get(act, own.keys)),
            *ALSO.get(name, ()),
        ]
        for name in touched
    }
    return {name: ",".join(dict.fromkeys(found)) for name, found in keys.items()}
