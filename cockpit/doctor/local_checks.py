"""What can be examined without asking anybody: the activities that run, how the cockpit calls, the terminal."""

import shutil
from collections.abc import Iterator, Mapping
from os import terminal_size

from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.file.cross_checks import answered, idle
from cockpit.settings.file.load import too_fine_for
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.proxy import DIRECT, Web
from sessions.plan.model import Plan
from sessions.plan.uses import laid_out, looked_at
from sessions.state.reducer import State
from sessions.storage.folders import HISTORY, SESSION
from sessions.text.clean import clean
from sessions.text.units import counted

_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
DECK_COLUMNS, DECK_ROWS = 80, 24
"""From here on the deck shows every criterion."""


def activities(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Check each activity that runs something: whether the plan knows it, and whether its program is there."""
    known = {task.id for phase in plan.phases for task in phase.activities}
    for task, activity in settings.activities.items():
        program = activity.argv[0] if activity.argv else ""
        if task not in known:
            yield Finding(Sight.WARNING, task, "is no activity of the plan", "cockpit plan show lists their ids")
        elif program and shutil.which(program) is None:
            yield Finding(Sight.PROBLEM, task, f"program {program} is not there", "name it by its whole path")
        else:
            yield Finding(Sight.GOOD, task, f"runs {program or activity.journey}")


def unused(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Report each topic that a source answers for and the plan does not use."""
    for name, topics in idle(settings.sources, plan).items():
        for topic in topics:
            fix = f"name in the plan what is read from it, or take {topic} out of cockpit.toml"
            yield Finding(Sight.WARNING, name, f"{topic}: the plan does not use it, nobody asks for it", fix)


def sheets(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Say of every topic that only sheets lay out, and that no source answers for, which sheets say less."""
    known = answered(settings.sources)
    for topic in looked_at(plan):
        if topic not in known:
            tasks = ", ".join(dict.fromkeys(laid_out(plan, topic)))
            fix = "name a source for it, or take the sheet off these tasks; nothing holds without it"
            yield Finding(Sight.WARNING, topic.value, f"no source: the sheet of {tasks} shows none", fix)


def fine_enough(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Say where the flag cannot hold a phase of the plan."""
    for problem in too_fine_for(plan, settings):
        yield Finding(Sight.PROBLEM, "phases", problem.what, problem.hint)


def files(state: State) -> Iterator[Finding]:
    """Say of the session's two files whether they are sound."""
    if state.journal_fault:
        yield Finding(Sight.PROBLEM, SESSION, state.journal_fault, "restore a whole copy of the session's folder")
    else:
        yield Finding(Sight.GOOD, SESSION, f"{counted(state.seq, 'entries')}, each proved by its checksum")
    if fault := state.faults.get("history"):
        yield Finding(Sight.PROBLEM, HISTORY, fault, "end what holds it, or make room; decisions are not touched")
    else:
        yield Finding(Sight.GOOD, HISTORY, "nothing is wrong with it")


def promises(apart: str) -> Iterator[Finding]:
    """Say whether the session and the owner's files have the same plan and settings; `apart` lists differences."""
    if apart:
        yield Finding(Sight.WARNING, "promises", apart, "cockpit adopt --dry-run shows each difference")
    else:
        yield Finding(Sight.GOOD, "promises", "the session's are those of its files")


def way_out(web: Web, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Say which proxy servers are asked through; and where the environment names one, that it is not used."""
    said = [name for name in _PROXIES if environ.get(name)]
    if web.proxy.template == DIRECT:
        yield Finding(Sight.GOOD, "proxy", "none: servers are asked directly")
    elif web.proxy:
        named = ", ".join(f"${name}" for name in web.proxy.names) or clean(web.proxy.template or web.proxy.argv[0], 60)
        yield Finding(Sight.GOOD, "proxy", f"{named}; this machine is asked directly")
    elif said:
        fix = f'write proxy = "${{{said[0]}}}" under [http], or "{DIRECT}" to be told no more'
        yield Finding(Sight.WARNING, "proxy", f"${said[0]} is set, and not used: servers are asked directly", fix)


def itself(
    settings: Settings, environ: Mapping[str, str], size: terminal_size, encoding: str | None
) -> Iterator[Finding]:
    """Say how the cockpit calls, which way it reaches servers, and what the terminal can show."""
    yield from way_out(settings.http, environ)
    bell, title = ("on" if on else "off" for on in (settings.notifications.bell, settings.notifications.title))
    quiet = settings.notifications.quiet
    yield Finding(Sight.GOOD, "notifications", f"bell {bell}, title {title}{f', quiet {quiet}' if quiet else ''}")
    term = environ.get("TERM", "dumb")
    said = f"{clean(term, 40)}, {size.columns}x{size.lines}, {clean(encoding or 'no encoding', 20)}"
    if term == "dumb" or "utf" not in (encoding or "").lower():
        yield Finding(Sight.WARNING, "terminal", said, "use a terminal that knows UTF-8 and is not TERM=dumb")
    elif size.columns < DECK_COLUMNS or size.lines < DECK_ROWS:
        fix = f"enlarge it to {DECK_COLUMNS}x{DECK_ROWS} for the whole deck"
        yield Finding(Sight.WARNING, "terminal", said, fix)
    else:
        yield Finding(Sight.GOOD, "terminal", said)
