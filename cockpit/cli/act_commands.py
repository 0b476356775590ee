"""The commands that act on a session: the same as the keys, judged the same way."""

from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from cockpit.cli.parser import Adding, Commands, Parser
from sessions.values.percent import Percent, percent_said
from sessions.values.requests import Act, Request

Ask = Callable[[Namespace], Request]

BY = "cli"
MOVED = "exit 0 moved, 10 held, 20 the flag is not where it was to be"


def tick_commands(tasks: Commands) -> None:
    """Add what ticks a task and takes a tick back, beside `cockpit task list`."""

    def tick(a: Namespace) -> Request:
        request = Request(Act.TICK, BY, a.subject, a.finding, a.reason)
        if not a.look:
            return request
        from cockpit.cli.commands.task import looked

        return looked(request, a.session, a.config)

    task = {"subject": "id of the task, see cockpit task list"}
    ticking = _on(tasks, "tick", "tick a task that was done", tick, task)
    ticking.add_argument("--finding", default="", metavar="TEXT", help="what you found, one line")
    ticking.add_argument("--look", action="store_true", help="print its sheet, and keep the rows with the tick")
    _reason(ticking, "why, where its check did not pass")
    _on(tasks, "untick", "take a tick back", _subject(Act.UNTICK), task)


def _notes(commands: Commands) -> None:
    words = {"text": "the note, one line"}
    _on(commands, "note", "write a note into the log", lambda a: Request(Act.NOTE, BY, text=a.text), words)
    text = "write a stability observation, a note with the evidence of the moment"
    observe = _on(commands, "observe", text, lambda a: Request(Act.OBSERVE, BY, text=a.text))
    observe.add_argument("--text", default="", metavar="TEXT", help="what was observed")
    _said(commands)


def _said(commands: Commands) -> None:
    """Add what a person decided, and what somebody said."""

    def decided(a: Namespace) -> Request:
        return Request(Act.DECIDE, BY, text=a.decision, reason=a.reason)

    def heard(a: Namespace) -> Request:
        return Request(Act.FEEDBACK, BY, a.tone, a.text, a.source)

    words = {"decision": "go, hold or revert"}
    decide = _on(commands, "decide", "write down a decision; it moves nothing", decided, words)
    _reason(decide, "why; needed", required=True)
    words = {"tone": "good, mixed or bad", "source": "who said it, or where", "text": "what was said, one line"}
    _on(commands, "feedback", "write down what somebody said of the feature", heard, words)


def _pauses(commands: Commands) -> None:
    pause = _on(commands, "pause", "pause the rollout", lambda a: Request(Act.PAUSE, BY, text=a.reason))
    _reason(pause, "why, for the log")
    _on(commands, "resume", "resume the paused rollout", lambda _: Request(Act.RESUME, BY))
    text = "end the session, on the last day of its week with everything done"
    _on(commands, "conclude", text, lambda _: Request(Act.CONCLUDE, BY))


def _moves(commands: Commands) -> None:
    def further(a: Namespace) -> Request:
        return Request(Act.ADVANCE, BY, reason=a.reason, percent=a.to, override=bool(a.reason))

    advance = _on(commands, "advance", f"go to the next phase; {MOVED}", further)
    advance.add_argument("--to", type=_percent, metavar="P", help="the phase that is meant; needed with --reason")
    _reason(advance, "overrule a gate that holds, and why")
    revert = _revert(commands)
    for command in (advance, revert):
        command.add_argument("--dry-run", action="store_true", help="print the exact request instead of sending it")


def _revert(commands: Commands) -> Parser:
    """The shortest path to the flag: it loads nothing that could stand in its way."""

    def run(a: Namespace) -> int:
        from cockpit.cli.revert.flag_first import revert

        return revert(a.session, a.reason, a.config, dry_run=a.dry_run)

    command = commands.command("revert", f"go back to the previous phase; {MOVED}", run)
    _session(command)
    _reason(command, "why, for the log")
    return command


def _flows(commands: Commands) -> None:
    flow = {"subject": "id of the flow, as capsules"}
    for name, act in (("freeze", Act.FREEZE), ("thaw", Act.THAW)):
        _reason(_on(commands, name, f"{name} a flow of the plan", _subject(act), flow), "why, for the log")


def _incidents(commands: Commands) -> None:
    def opened(a: Namespace) -> Request:
        return Request(Act.OPEN_INCIDENT, BY, a.severity.upper(), a.title)

    both = commands.group("incident", "open or resolve an incident")
    words = {"severity": "P0, P1, P2 or P3", "title": "what is wrong, one line"}
    _on(both, "open", "open an incident; P0 and P1 hold the gate", opened, words)
    which = {"subject": "id of the incident; the first is i1"}
    _on(both, "resolve", "resolve an open incident", _subject(Act.RESOLVE_INCIDENT), which)


def _overruling(commands: Commands) -> None:
    which = {"subject": "latency, errors, analytics, growth or incidents"}
    waive = _on(commands, "waive", "overrule a criterion for this phase", _subject(Act.WAIVE), which)
    defuse = _on(commands, "defuse", "put out a burning fuse", _subject(Act.DEFUSE))
    extend = _on(commands, "extend", "give a burning fuse a third more of its time", _subject(Act.EXTEND))
    for command in (waive, defuse):
        _reason(command, "why; needed", required=True)
    for command in (defuse, extend):
        command.add_argument("--risk", dest="subject", default="", metavar="RISK", help="whose; else what ends first")


def _runbook(commands: Commands) -> None:
    which = {"subject": "RISK.STEP, as support_queue.sla"}
    step = _on(commands, "step", "do a runbook step of a risk", _subject(Act.STEP), which)
    _reason(step, "why; needed where a step overrules a criterion")
    text = "silence the alarms that stand, for 30 minutes"
    known = _on(commands, "acknowledge", text, _subject(Act.ACKNOWLEDGE))
    known.add_argument("--alarm", dest="subject", default="", metavar="ID", help="one alarm; without it, all of them")


def _subject(act: Act) -> Ask:
    return lambda a: Request(act, BY, a.subject, reason=getattr(a, "reason", ""))


def _on(commands: Commands, name: str, text: str, ask: Ask, words: Mapping[str, str] | None = None) -> Parser:
    """Add a command on a session that asks for what `ask` makes of its `words`, each with its help."""

    def run(a: Namespace) -> int:
        from cockpit.cli.commands.act import act

        return act(ask(a), a.session, a.config, dry_run=getattr(a, "dry_run", False))

    command = commands.command(name, text, run)
    for word, meaning in (words or {}).items():
        command.add_argument(word, metavar=word.upper(), help=meaning)
    _session(command)
    return command


def _session(command: Parser) -> None:
    command.add_argument("session", nargs="?", metavar="NAME|PATH", help="a session; without one, the newest")
    command.add_argument("--config", type=Path, metavar="FILE", help="other settings than those that the session names")


def _reason(command: Parser, text: str, *, required: bool = False) -> None:
    command.add_argument("--reason", default="", required=required, metavar="WHY", help=text)


def _percent(text: str) -> Percent:
    if (percent := percent_said(text)) is None:
        raise ArgumentTypeError("write the percentage of a phase, as 25 or 0.5")
    return percent


ACTS: Adding = {
    _notes: ("note", "observe", "decide", "feedback"),
    _pauses: ("pause", "resume", "conclude"),
    _moves: ("advance", "revert"),
    _flows: ("freeze", "thaw"),
    _incidents: ("incident",),
    _overruling: ("waive", "defuse", "extend"),
    _runbook: ("step", "acknowledge"),
}
"""As they are listed."""
