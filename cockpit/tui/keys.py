"""The keys of the cockpit, the letters that runbook steps may use, and which keys may be held down."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from textual.binding import Binding, BindingsMap, BindingType

from cockpit.settings.keymap.keys import Keys, arranged
from cockpit.settings.keymap.names import EVERY
from sessions.plan.model import Plan
from sessions.text.clean import clean


def _act(key: str, where: str, label: str, tooltip: str, *, show: bool = True) -> Binding:
    name = where.rpartition(".")[2]
    return Binding(key, f"act('{name}')", label, tooltip=tooltip, id=where, show=show)


_ACKNOWLEDGE = _act(
    "full_stop", "log.acknowledge", "Acknowledge", "Silence the alarms that stand for a while", show=False
)
_FEEDBACK = _act("plus", "log.feedback", "Feedback", "Write down what somebody said of the feature", show=False)
ACTS: tuple[Binding, ...] = (
    _act("space", "rollout.pause", "Pause", "Pause the rollout: no advance until it is resumed"),
    _act("space", "rollout.resume", "Resume", "Resume the paused rollout"),
    _act("d", "fuse.defuse", "Defuse", "Put out the burning fuse, with a reason"),
    _act("x", "fuse.extend", "Extend", "Give the burning fuse more time"),
    _act("a", "rollout.advance", "Advance", "Go to the next phase; what holds is listed"),
    _act("r", "rollout.revert", "Revert", "Go back to the previous phase"),
    _act("f", "rollout.freeze", "Freeze", "Freeze or thaw a flow"),
    _act("n", "log.note", "Note", "Write a note into the log"),
    _act("o", "log.observe", "Observe", "Write a stability observation with the evidence of the moment"),
    _act("i", "log.incident", "Incident", "Open or resolve an incident"),
    _act("t", "log.tasks", "Tasks", "Tick activities and daily tasks"),
    _act("w", "rollout.waive", "Waive", "Overrule a criterion for this phase, with a reason", show=False),
    _act("e", "log.export", "Export", "Write the report of the day"),
    _act("D", "log.decide", "Decide", "Go, hold or revert: write down what you decided, and why", show=False),
    replace(_FEEDBACK, key_display="+"),
    _act(
        "C",
        "rollout.conclude",
        "Conclude",
        "End the session once its week is done; after that nothing is judged",
        show=False,
    ),
    replace(_ACKNOWLEDGE, key_display="."),
)
SCREENS: tuple[Binding, ...] = (
    Binding("1", "look('deck')", "Deck", tooltip="Everything at a glance", id="screen.deck", show=False),
    Binding("2", "look('detail')", "Detail", tooltip="Charts of every criterion", id="screen.detail"),
    Binding("3", "look('risks')", "Risks", tooltip="The six risks, their steps and sheets", id="screen.risks"),
    Binding("4", "look('log')", "Log", tooltip="The whole ops log with a filter", id="screen.log"),
    Binding("5", "look('week')", "Week", tooltip="The tasks of the week, their numbers and findings", id="screen.week"),
    Binding("6", "look('report')", "Report", tooltip="The draft of the day's report, to be edited", id="screen.report"),
    Binding(
        "H",
        "look('handover')",
        "Hand-over",
        tooltip="What happened since you left, again",
        id="screen.handover",
        show=False,
    ),
)
SHELL: tuple[Binding, ...] = (
    Binding("colon", "command_palette", "Palette", tooltip="Find any act by name", id="app.palette", key_display=":"),
    Binding("question_mark", "help", "Help", tooltip="Every key and what it does", id="help.show", key_display="?"),
    Binding("q", "leave", "Quit", tooltip="Leave the screen", id="app.quit"),
    Binding(
        "M",
        "mouse",
        "Mouse",
        tooltip="Leave the mouse to the terminal, to select text with it, or take it again",
        id="app.mouse",
        show=False,
    ),
    Binding("ctrl+z", "suspend_process", "Suspend", tooltip="To the shell; fg returns", id="app.stop", show=False),
    Binding(
        "ctrl+c", "how_to_quit", "How to quit", tooltip="Says how to leave", id="app.copy", show=False, system=True
    ),
)
ALL: tuple[Binding, ...] = (*ACTS, *SCREENS, *SHELL)
DEFAULT = arranged({})
"""The keys where the owner chose none."""


class KeyClashError(ValueError):
    """A runbook step wants a key that is taken; the text is one line for the plan's owner."""


def bound(keys: Keys) -> tuple[Binding, ...]:
    """Return ALL with the keys that the owner chose."""
    chosen = {name: ",".join(found) for name, found in keys.acts.items() if found != EVERY[name]}
    return tuple(replace(row, key=chosen[row.id], key_display=None) if row.id in chosen else row for row in ALL)


def single(row: Binding) -> tuple[Binding, ...]:
    """Return a binding of several keys as one for each, the first first."""
    return tuple(replace(row, key=key) for key in row.key.split(","))


def together(below: Sequence[BindingType], above: Sequence[Binding]) -> BindingsMap:
    """Return bindings by key; a key of `above` means nothing else any more."""
    return BindingsMap.from_keys({**BindingsMap(below).key_to_bindings, **BindingsMap(above).key_to_bindings})


def step_bindings(plan: Plan, keys: Keys = DEFAULT) -> tuple[Binding, ...]:
    """Return a binding for every runbook step. Raises KeyClashError if its letter is an act's own, or is none."""
    letters = step_letters(plan, keys)
    taken: Mapping[str, str] = {one.key: row.description for row in bound(keys) for one in single(row)}
    seen = dict(taken)
    rows = []
    for number, risk in enumerate(plan.risks):
        for position, step in enumerate(risk.steps):
            where = f"step {clean(risk.id, 40)}.{clean(step.id, 40)}"
            key = letters[f"{risk.id}.{step.id}"]
            if len(step.key) != 1 or not (step.key.isalpha() and step.key.isascii() and step.key.islower()):
                raise KeyClashError(f"{where}: key {clean(step.key, 20)!r} is no small letter from a to z")
            if key in seen:
                raise KeyClashError(f"{where}: key {key!r} is taken by {seen[key]}, choose another letter")
            seen[key] = where
            text, tip = clean(step.text, 60), clean(f"{risk.title}: {step.text}", 120)
            name = f"step.{number}-{position}"
            rows.append(Binding(key, f"step({number},{position})", text, tooltip=tip, id=name, show=False))
    return tuple(rows)


def step_letters(plan: Plan, keys: Keys) -> Mapping[str, str]:
    """Return the letter of every runbook step by `risk.step`; one whose letter the owner chose for an act has moved."""
    return keys.letters({f"{risk.id}.{step.id}": step.key for risk in plan.risks for step in risk.steps})


def shown_keys(plan: Plan, keys: Keys, shown: Callable[[Binding], str]) -> dict[str, str]:
    """Return what the screen calls the first key of every act, and the letters of the runbook steps, by id."""
    acts = {row.id: shown(single(row)[0]) for row in bound(keys) if row.id}
    return {**acts, **{f"step.{name}": letter for name, letter in step_letters(plan, keys).items()}}


_MOVES = frozenset({"move", "roll", "go", "turn", "risk", "scrub", "entry", "look"})
_AIMS = ("cursor_", "page_", "scroll_")


def repeatable(row: Binding, *, here: bool) -> bool:
    """Return whether a binding only moves, so that its key may be held down; `here` where a screen or a pane has it."""
    name = row.action.partition("(")[0].rpartition(".")[2]
    return name in _MOVES or name.startswith(_AIMS) or (here and name == "step")
