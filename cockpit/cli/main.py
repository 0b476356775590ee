"""The command line. Each command imports what it needs when it runs: `--help` imports no screen and no driver.

It is read by argparse, because every other parser takes too long to import before the first paint.
"""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from cockpit.cli.parser import CONFIG_HELP, JSON_HELP, About, Adding, Commands, Parser, number, on_config, on_session


def asked(words: Sequence[str]) -> Namespace:
    """Read the command line; `run` of what is returned does it. Raises BadInputError, SystemExit after help."""
    about = "Guide a staged rollout: watch it, pause it, advance it, revert it, and log everything."
    parser = Parser("cockpit", description=f"{about} Without a command, open the newest session.")
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("--config", dest="bare_config", type=Path, metavar="FILE", help=CONFIG_HELP)
    parser.set_defaults(run=_bare, parser=parser, only_tells=True)
    commands = parser.commands()
    if "_ARGCOMPLETE" in os.environ:  # a shell asks for completions
        from cockpit.cli.completing.shell import answer

        _add_every(commands)
        answer(parser)
    _add_named(commands, words[0] if words else "")
    found = parser.read(words)
    if found.bare_config is not None and found.run is not _bare:
        parser.error("Write --config after the command.")
    return found


def _add_named(commands: Commands, name: str) -> None:
    """Add only the command of that name, to save time. Add all of them if no command has that name."""
    found = (add for listed in (_first, _acts, _further) for add, names in listed().items() if name in names)
    next(found, _add_every)(commands)


def _add_every(commands: Commands) -> None:
    """Add all commands in the order of the help."""
    for add in (*_first(), *_acts(), *_further()):
        add(commands)


def _first() -> Adding:
    return {
        _demo: ("demo",),
        _init: ("init",),
        _new: ("new",),
        _open: ("open",),
        _watch: ("watch",),
        _serve: ("serve",),
        _sessions: ("sessions",),
        _status: ("status",),
        _check: ("check",),
        _adopt: ("adopt",),
    }


def _acts() -> Adding:
    from cockpit.cli.act_commands import ACTS

    return ACTS


def _further() -> Adding:
    from cockpit.cli.further_commands import FURTHER

    return FURTHER


def _bare(asked: Namespace) -> int:
    if asked.version:
        sys.stdout.write(version_text() + "\n")
        return 0
    from cockpit.cli.commands.open import open_session

    return open_session(None, config=asked.bare_config)


def _demo(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.demo import Flight, fly_demo

        wanted = a.scenario, a.traffic, a.speed, a.seed, a.headless, a.until, a.out, a.port, a.drill
        return fly_demo(Flight(*wanted))

    scenarios = (
        "calm, latency-spike, error-burst, analytics-outage, duplicates, ticket-flood, csat-drop, incident, "
        "flag-drift, source-down, monitor-down or bad-day"
    )
    text = "try the cockpit on a small demo service with virtual shoppers; nothing real is touched"
    demo = commands.command("demo", About(text, example="cockpit demo --scenario latency-spike"), run)
    option = demo.add_argument
    option("--scenario", metavar="S", help=f"what goes wrong: {scenarios} (default: calm)")
    drill = "practise: a secret scenario that you handle yourself, with a score at the end"
    option("--drill", action="store_true", help=drill)
    presence = "how traffic is measured: scrape, prometheus (needs that program) or probe (default: scrape)"
    option("--traffic", choices=("scrape", "prometheus", "probe"), default="scrape", metavar="KIND", help=presence)
    speed = "divide every duration of the plan by N (default: 72; with --traffic prometheus or probe: 30)"
    option("--speed", type=number(float, 0.1, 5000), metavar="N", help=speed)
    seed = "seed of the random shoppers (default: 7); with --drill also of the scenario (default: random)"
    option("--seed", type=number(int, 0, 2**31), metavar="N", help=seed)
    option(
        "--headless",
        action="store_true",
        help="run without a screen; the autopilot acts, and each log entry is printed",
    )
    until = "with --headless: end when this phase begins, such as 25%%; all: after the week (default: all)"
    option("--until", default="all", metavar="P", help=until)
    option("--out", type=Path, metavar="DIR", help="folder of the session (default: the data folder)")
    option(
        "--port",
        type=number(int, 0, 65535),
        default=0,
        metavar="N",
        help="port of the demo service; 0 takes a free one (default: 0)",
    )


def _init(commands: Commands) -> None:
    from cockpit.cli.setup.options import add_init

    add_init(commands)


def _new(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.sessions import NewSession, new_session
        from cockpit.settings.file.wiring import Wiring

        flag_file = str(a.flag_file.absolute()) if a.flag_file else ""
        wiring = Wiring(tuple(a.metrics), database=a.database, flag_file=flag_file)
        return new_session(NewSession(a.name, a.plan, a.config, wiring, a.speed))

    text = "create a session: a folder with a copy of the plan and the place of the settings"
    new = commands.command("new", About(text, example="cockpit new checkout --plan plan.toml"), run)
    new.add_argument("name", metavar="NAME", help="name of the session")
    new.add_argument(
        "--plan",
        type=Path,
        metavar="FILE",
        help="plan file (default: plan.toml beside the settings, else the built-in plan CL7)",
    )
    on_config(new, "settings file (default: the nearest cockpit.toml; if there is none, one is written)")
    metrics = "address of a /metrics page; repeat it for each instance"
    new.add_argument("--metrics", action="append", default=[], metavar="URL", help=metrics)
    new.add_argument(
        "--database", default="", metavar="D", help="name of the database at the address in COCKPIT_MONGO_URI"
    )
    flag = "flagd file with the flag (default: no flag is moved, moves are only logged)"
    new.add_argument("--flag-file", type=Path, metavar="F", help=flag)
    speed = "divide every duration of the plan by N, for a rehearsal (default: 1)"
    new.add_argument("--speed", type=number(float, 0.1, 5000), default=1.0, metavar="N", help=speed)


def _adopt(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.setup.adopt import adopt

        return adopt(a.session, a.plan, a.config, dry_run=a.dry_run)

    text = "take a changed plan file and settings into the session; only before the first phase"
    command = on_session(commands, "adopt", About(text, example="cockpit adopt --dry-run"), run)
    plan = "plan file (default: the session's plan file, or plan.toml beside its settings)"
    command.add_argument("--plan", type=Path, metavar="FILE", help=plan)
    on_config(command, CONFIG_HELP)
    command.add_argument("--dry-run", action="store_true", help="print the differences, and change nothing")


def _open(commands: Commands) -> None:
    from cockpit.cli.outside.metrics import add_metrics, metrics_asked

    def run(a: Namespace) -> int:
        from cockpit.cli.commands.open import open_session

        return open_session(a.session, read_only=a.read_only, config=a.config, told=metrics_asked(a))

    text = "open a session on the screen and watch it; if another process watches it, show that"
    command = on_session(commands, "open", About(text, example="cockpit open concierge"), run)
    command.add_argument(
        "--read-only", action="store_true", help="only show the session: no key acts, and nothing is watched"
    )
    add_metrics(command)
    on_config(command, CONFIG_HELP)


def _watch(commands: Commands) -> None:
    from cockpit.cli.outside.metrics import add_metrics, metrics_asked

    def run(a: Namespace) -> int:
        from cockpit.cli.commands.watch import watch_session

        return watch_session(a.session, a.config, metrics_asked(a))

    text = "watch a session without a screen, and print each log entry"
    more = "Exit code: 128 + n if signal n ended it."
    command = on_session(commands, "watch", About(text, more, "cockpit watch concierge"), run)
    add_metrics(command)
    on_config(command, CONFIG_HELP)


def _serve(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.outside.serve import serve_session

        return serve_session(a.session, a.port, a.viewers)

    text = "show a session read-only in a browser on this machine; its address contains a secret"
    command = on_session(commands, "serve", About(text, example="cockpit serve concierge --port 8080"), run)
    port = "port on 127.0.0.1; 0 takes a free one (default: 0)"
    command.add_argument("--port", type=number(int, 0, 65535), default=0, metavar="N", help=port)
    viewers = "at most N browser pages at the same time; each takes a process (default: 4)"
    command.add_argument("--viewers", type=number(int, 1, 32), default=4, metavar="N", help=viewers)


def _sessions(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        if a.live:
            from cockpit.cli.outside.sessions_live import live_sessions

            return live_sessions()
        from cockpit.cli.commands.sessions import list_sessions

        return list_sessions()

    command = commands.command("sessions", "list the sessions, newest first", run, only_tells=True)
    live = "show a row for each active session, kept up to date; enter opens its deck"
    command.add_argument("--live", action="store_true", help=live)


def _status(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.status import status_of

        return status_of(a.session, as_json=a.json, since=a.since)

    text = "print the state of a session: phase, gate, criteria, risks, flag"
    command = on_session(commands, "status", About(text, example="cockpit status --since 2h"), run, only_tells=True)
    since = "print what happened since WHEN: last (you last looked), a time span (2h), or 2026-11-25T08:00"
    command.add_argument("--since", metavar="WHEN", help=since)
    command.add_argument("--json", action="store_true", help=JSON_HELP)


def _check(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.outside.check import check_of

        return check_of(a.session, as_json=a.json)

    text = "tell a script by exit code whether the next step is allowed"
    more = "Exit code: 0 may advance, 10 hold, 20 breach or fuse, 30 blind, 2 usage or bad input."
    command = on_session(commands, "check", About(text, more, "cockpit check && cockpit advance"), run)
    command.add_argument("--json", action="store_true", help=JSON_HELP)


def version_text() -> str:
    """Return the version of the cockpit, also if it runs from its source."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"cockpit {version('cockpit')}"
    except PackageNotFoundError:
        return "cockpit (not installed: run from its source)"
