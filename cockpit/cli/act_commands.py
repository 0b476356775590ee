"""The commands that act on a session. They do the same as the keys, and are judged in the same way."""

from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from cockpit.cli.parser import CONFIG_HELP, SESSION_HELP, About, Adding, Commands, Parser
from sessions.values.percent import Percent, percent_said
from sessions.values.requests import Act, Request

Ask = Callable[[Namespace], Request]
Words = Mapping[str, tuple[str, str]]
"""The words after a command: how each is shown, and its help."""


BY = "cli"
FOR_THE_LOG = "why, for the log (default: no reason)"
MOVED = "Exit code: 0 moved, 10 held, 20 the flag does not have the new value, 2 usage or bad input."


def tick_commands(tasks: Commands) -> None:
    """Add `cockpit task tick` and `cockpit task untick`."""

    def tick(a: Namespace) -> Request:
        request = Request(Act.TICK, BY, a.subject, a.finding, a.reason)
        if not a.look:
            return request
        from cockpit.cli.commands.task import looked

        return looked(request, a.session, a.config)

    task = {"subject": ("TASK", "id of the task; cockpit task list prints the ids")}
    about = About("tick a task that is done", example='cockpit task tick p1.wf7 --finding "all 12 looks are right"')
    ticking = _on(tasks, "tick", about, tick, task)
    ticking.add_argument("--finding", default="", metavar="TEXT", help="what you found, in one line")
    ticking.add_argument(
        "--look", action="store_true", help="print the sheet of the task, and store its rows with the tick"
    )
    _reason(ticking, "why you tick it; needed only if its check did not pass")
    _on(tasks, "untick", About("take back a tick"), _subject(Act.UNTICK), task)


def _notes(commands: Commands) -> None:
    words = {"text": ("TEXT", "the note, in one line")}
    note = About("write a note into the log", example='cockpit note "asked the platform team for an index"')
    _on(commands, "note", note, lambda a: Request(Act.NOTE, BY, text=a.text), words)
    about = About("write a stability observation: a note with the current value of every condition")
    observe = _on(commands, "observe", about, lambda a: Request(Act.OBSERVE, BY, text=a.text))
    observe.add_argument("--text", default="", metavar="TEXT", help="what you observed (default: no text)")
    _said(commands)


def _said(commands: Commands) -> None:
    """Add `decide` and `feedback`."""

    def decided(a: Namespace) -> Request:
        return Request(Act.DECIDE, BY, text=a.decision, reason=a.reason)

    def heard(a: Namespace) -> Request:
        return Request(Act.FEEDBACK, BY, a.tone, a.text, a.source)

    words = {"decision": ("DECISION", "go, hold or revert")}
    about = About("log a decision; it moves nothing", example='cockpit decide hold --reason "wait for the evening"')
    decide = _on(commands, "decide", about, decided, words)
    _reason(decide, "why you decided so; needed", required=True)
    words = {
        "tone": ("TONE", "good, mixed or bad"),
        "source": ("SOURCE", "who said it, or where"),
        "text": ("TEXT", "what was said, in one line"),
    }
    example = 'cockpit feedback good support "fewer questions about returns"'
    _on(commands, "feedback", About("log what somebody said about the feature", example=example), heard, words)


def _pauses(commands: Commands) -> None:
    about = About("pause the rollout: no advance until you resume; the flag stays as it is")
    pause = _on(commands, "pause", about, lambda a: Request(Act.PAUSE, BY, text=a.reason))
    _reason(pause, FOR_THE_LOG)
    _on(commands, "resume", About("resume the paused rollout"), lambda _: Request(Act.RESUME, BY))
    about = About("end the session; only on the last day of its week, with everything done")
    _on(commands, "conclude", about, lambda _: Request(Act.CONCLUDE, BY))


def _moves(commands: Commands) -> None:
    def further(a: Namespace) -> Request:
        return Request(Act.ADVANCE, BY, reason=a.reason, percent=a.to, override=bool(a.reason))

    about = About("go to the next phase, or list the conditions that hold", MOVED, "cockpit advance --to 25")
    advance = _on(commands, "advance", about, further)
    to = "percentage of the phase that you mean; refused if it is not the next one; needed with --reason"
    advance.add_argument("--to", type=_percent, metavar="P", help=to)
    _reason(advance, "overrule a gate that holds, and say why")
    revert = _revert(commands)
    for command in (advance, revert):
        command.add_argument("--dry-run", action="store_true", help="print the exact request, and send nothing")


def _revert(commands: Commands) -> Parser:
    """Add `revert`. It imports nothing that could fail before the flag is written."""

    def run(a: Namespace) -> int:
        from cockpit.cli.revert.flag_first import revert

        return revert(a.session, a.reason, a.config, dry_run=a.dry_run)

    example = 'cockpit revert --reason "shoppers report errors"'
    command = commands.command("revert", About("go back to the previous phase", MOVED, example), run)
    _session(command)
    _reason(command, FOR_THE_LOG)
    return command


def _flows(commands: Commands) -> None:
    flow = {"subject": ("FLOW", "id of the flow, such as capsules; cockpit plan show prints the flows")}
    freeze = About("freeze a flow: switch it off by its own flag", example="cockpit freeze capsules")
    thaw = About("thaw a frozen flow: switch it on again", example="cockpit thaw capsules")
    for name, about, act in (("freeze", freeze, Act.FREEZE), ("thaw", thaw, Act.THAW)):
        _reason(_on(commands, name, about, _subject(act), flow), FOR_THE_LOG)


def _incidents(commands: Commands) -> None:
    def opened(a: Namespace) -> Request:
        return Request(Act.OPEN_INCIDENT, BY, a.severity.upper(), a.title)

    both = commands.group("incident", "open or resolve an incident")
    words = {
        "severity": ("SEVERITY", "P0 (worst), P1, P2 or P3; P0 and P1 hold the gate"),
        "title": ("TITLE", "what is wrong, in one line"),
    }
    about = About("open an incident", example='cockpit incident open P1 "checkout fails"')
    _on(both, "open", about, opened, words)
    which = {"subject": ("ID", "id of the incident, such as i1; cockpit status prints it")}
    about = About("resolve an open incident", example="cockpit incident resolve i1")
    _on(both, "resolve", about, _subject(Act.RESOLVE_INCIDENT), which)


def _overruling(commands: Commands) -> None:
    which = {"subject": ("CRITERION", "latency, errors, analytics, growth or incidents")}
    about = About("overrule a criterion for this phase", example='cockpit waive analytics --reason "known gap"')
    waive = _on(commands, "waive", about, _subject(Act.WAIVE), which)
    about = About(
        "stop a burning fuse: the cockpit will not revert", example='cockpit defuse --reason "index is built"'
    )
    defuse = _on(commands, "defuse", about, _subject(Act.DEFUSE))
    extend = _on(commands, "extend", About("extend a burning fuse by a third of its time"), _subject(Act.EXTEND))
    for command in (waive, defuse):
        _reason(command, "why you overrule; needed", required=True)
    risk = "risk with the fuse, such as latency_spike (default: the fuse that ends first)"
    for command in (defuse, extend):
        command.add_argument("--risk", dest="subject", default="", metavar="RISK", help=risk)


def _runbook(commands: Commands) -> None:
    which = {"subject": ("RISK.STEP", "ids of the risk and its step; cockpit plan show prints them")}
    about = About("do a runbook step of a risk", example="cockpit step support_queue.sla")
    step = _on(commands, "step", about, _subject(Act.STEP), which)
    _reason(step, "why; needed only if the step overrules a criterion")
    about = About("silence the current alarms for 30 minutes")
    known = _on(commands, "acknowledge", about, _subject(Act.ACKNOWLEDGE))
    alarm = "id of one alarm (default: all alarms)"
    known.add_argument("--alarm", dest="subject", default="", metavar="ID", help=alarm)


def _subject(act: Act) -> Ask:
    return lambda a: Request(act, BY, a.subject, reason=getattr(a, "reason", ""))


def _on(commands: Commands, name: str, about: About, ask: Ask, words: Words | None = None) -> Parser:
    """Add a command on a session. `ask` turns its words into a request; each word has a name and a help text."""

    def run(a: Namespace) -> int:
        from cockpit.cli.commands.act import act

        return act(ask(a), a.session, a.config, dry_run=getattr(a, "dry_run", False))

    command = commands.command(name, about, run)
    for word, (shown, meaning) in (words or {}).items():
        command.add_argument(word, metavar=shown, help=meaning)
    _session(command)
    return command


def _session(command: Parser) -> None:
    command.add_argument("session", nargs="?", metavar="NAME|PATH", help=SESSION_HELP)
    command.add_argument("--config", type=Path, metavar="FILE", help=CONFIG_HELP)


def _reason(command: Parser, text: str, *, required: bool = False) -> None:
    command.add_argument("--reason", default="", required=required, metavar="WHY", help=text)


def _percent(text: str) -> Percent:
    if (percent := percent_said(text)) is None:
        raise ArgumentTypeError("write the percentage of a phase, such as 25 or 0.5")
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
"""In the order of the help."""
