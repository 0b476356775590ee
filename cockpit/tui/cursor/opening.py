"""What opens for the thing under the cursor: its chart, its card, its entry, its document."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from sessions.sheets.sheet import titled
from sessions.text.clean import clean
from widgets.base.styled import BLANK, Line
from widgets.base.target import Target
from widgets.base.view import View
from widgets.dialogs.cards import standing
from widgets.dialogs.cards.card import Card, fact
from widgets.dialogs.cards.conditions import condition_lines
from widgets.dialogs.entry import EntryDialog

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit

Open = Callable[["Cockpit", Target, View], None]


def open_target(app: "Cockpit", target: Target, view: View) -> None:
    """Open a thing; one of a kind that nothing knows says so."""
    if (opens := OPENS.get(target.kind)) is None:
        app.say(f"Nothing opens here: {target.text}", ok=False)
    else:
        opens(app, target, view)


def _chart(criterion: str, app: "Cockpit", target: Target, view: View) -> None:
    from cockpit.tui.screens.detail import Detail

    app.push_screen(Detail(view, criterion, target.id))


def _risk(app: "Cockpit", target: Target, view: View) -> None:
    from cockpit.tui.screens.risks import Risks

    app.push_screen(Risks(view, target.id))


def _entry(app: "Cockpit", target: Target, view: View) -> None:
    entry = next((one for one in reversed(view.state.entries) if str(one.seq) == target.id), None)
    if entry is None:
        app.say(f"Entry {target.text} is no longer in memory: 4 opens the log", ok=False)
    else:
        app.push_screen(EntryDialog(entry, view))


def _task(app: "Cockpit", target: Target, view: View) -> None:
    """A task has its sheet; one without says what ticks it."""
    if view.plan.sheet(target.id) or target.id in view.state.runnable:
        app.open_sheet(target.id)
        return

    def body(now: View, width: int) -> tuple[Line, ...]:
        tick = now.state.ticks.get(target.id) if target.id in now.state.ticked else None
        words = f"ticked {now.time(tick.at)} by {tick.by}  {tick.finding}" if tick else "not ticked"
        key = now.keys.get("log.tasks", "t")
        helps = "" if tick else f"{key} opens the tasks, space ticks this one there"
        return (
            *fact("task", titled(now.judgement, target.id), width),
            *fact("state", words, width),
            BLANK,
            *fact("what helps", helps, width),
        )

    app.push_screen(Card("Task", view, body))


def _measure(app: "Cockpit", target: Target, view: View) -> None:
    """A measure of a risk is taken back on its card; a frozen flow has a card of its own."""
    if any(risk.id == target.id.partition(".")[0] for risk in view.plan.risks):
        _risk(app, target, view)
    else:
        app.push_screen(Card(target.text, view, standing.flow_lines))


def _card(title: str, lines: Callable[[View, int], tuple[Line, ...]], app: "Cockpit", _: Target, view: View) -> None:
    app.push_screen(Card(title, view, lines))


def _named(
    title: str, lines: Callable[[View, str, int], tuple[Line, ...]], app: "Cockpit", target: Target, view: View
) -> None:
    """Open a card of one of several; its title names which."""
    app.push_screen(
        Card(f"{title} {clean(target.id, 60)}".strip(), view, lambda now, width: lines(now, target.id, width))
    )


def _condition(app: "Cockpit", target: Target, view: View) -> None:
    title = f"{target.id[:1].upper()}{target.id[1:]}: a condition of the gate"
    app.push_screen(Card(title, view, lambda now, width: condition_lines(now, target.id, width)))


def _document(look: str, title: str, app: "Cockpit", target: Target, view: View) -> None:
    from cockpit.tui.cursor.documents import show_document

    show_document(app, target, view, look, title)


OPENS: Mapping[str, Open] = {
    "latency": partial(_chart, "latency"),
    "errors": partial(_chart, "errors"),
    "spike": partial(_chart, "errors"),
    "analytics": partial(_chart, "analytics"),
    "growth": partial(_chart, "growth"),
    "condition": _condition,
    "soak": partial(_card, "Soak: proved time of this phase", standing.soak_lines),
    "ahead": partial(_card, "What the next phase will bring", standing.ahead_lines),
    "flag": partial(_card, "Flag", standing.flag_lines),
    "flows": partial(_card, "Flows", standing.flow_lines),
    "incidents": partial(_card, "Incidents", standing.incidents_lines),
    "incident": partial(_named, "Incident", standing.incident_entries),
    "line": partial(_named, "Critical line", standing.line_of),
    "run": partial(_named, "Run of", standing.run_lines),
    "task": _task,
    "measure": _measure,
    "risk": _risk,
    "step": _risk,
    "entry": _entry,
    "tickets": partial(_document, "newest_tickets", "Support queue"),
    "ticket": partial(_document, "newest_tickets", "Ticket"),
    "duplicates": partial(_document, "duplicate_documents", "Duplicates"),
    "capsules": partial(_document, "newest_capsules", "Capsules"),
    "returns": partial(_document, "returns_stuck", "Returns"),
    "csat": partial(_document, "low_answers", "CSAT"),
}
"""What opens for each kind of thing that a pane names."""
