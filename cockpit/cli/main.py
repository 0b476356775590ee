"""The command line. Each command loads what it needs when it runs: `--help` loads no screen and no driver.

The standard library reads it: any other reader takes longer to load than the first paint has to spare.
"""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from cockpit.cli.parser import Adding, Commands, Parser, number, on_config, on_session


def asked(words: Sequence[str]) -> Namespace:
    """Read the command line; `run` of what is returned does it. Raises BadInputError, SystemExit after help."""
    about = "Fly a staged rollout alone: watch, pause, advance, revert, and write it all down."
    parser = Parser("cockpit", description=f"{about} Without a command, open the newest session.")
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("--config", dest="bare_config", type=Path, metavar="FILE", help="other settings file")
    parser.set_defaults(run=_bare, parser=parser, only_tells=True)
    commands = parser.commands()
    if "_ARGCOMPLETE" in os.environ:  # a shell asks which words may stand there
        from cockpit.cli.completing.shell import answer

        _add_every(commands)
        answer(parser)
    _add_named(commands, words[0] if words else "")
    found = parser.read(words)
    if found.bare_config is not None and found.run is not _bare:
        parser.error("--config belongs behind the command.")
    return found


def _add_named(commands: Commands, name: str) -> None:
    """Add the command of that name, all of them where there is none: each of them takes its time to be made."""
    found = (add for listed in (_first, _acts, _further) for add, names in listed().items() if name in names)
    next(found, _add_every)(commands)


def _add_every(commands: Commands) -> None:
    """Add all commands, in the order in which they are listed."""
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
    demo = commands.command("demo", "fly over an embedded concierge service with virtual shoppers", run)
    option = demo.add_argument
    option("--scenario", metavar="S", help=f"{scenarios}; without it, calm")
    drill = "a drill: a scenario that is not named, flown by hand, with a score at its end"
    option("--drill", action="store_true", help=drill)
    presence = "how its traffic is seen: scrape, prometheus (needs the program) or probe"
    option("--traffic", choices=("scrape", "prometheus", "probe"), default="scrape", metavar="KIND", help=presence)
    option("--speed", type=number(float, 0.1, 5000), metavar="N", help="divide every duration; without it, 72 or 30")
    seed = "seed of the virtual shoppers, 7 without it; with --drill of what is drawn, too"
    option("--seed", type=number(int, 0, 2**31), metavar="N", help=seed)
    option("--headless", action="store_true", help="fly with the autopilot, without a screen")
    option("--until", default="all", metavar="P", help="headless: end once this phase is entered (25%%), or all")
    option("--out", type=Path, metavar="DIR", help="folder of the session; without one, the default place")
    option("--port", type=number(int, 0, 65535), default=0, metavar="N", help="port of the service; 0 takes a free one")


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

    new = commands.command("new", "start a session: its folder, its plan, where its numbers come from", run)
    new.add_argument("name", metavar="NAME", help="name of the session")
    new.add_argument(
        "--plan", type=Path, metavar="FILE", help="plan file; without it plan.toml beside the settings, else CL7"
    )
    on_config(new, "settings file; without it the nearest cockpit.toml, or a new one")
    new.add_argument("--metrics", action="append", default=[], metavar="URL", help="a /metrics page; repeat for more")
    new.add_argument("--database", default="", metavar="D", help="database behind $COCKPIT_MONGO_URI")
    new.add_argument("--flag-file", type=Path, metavar="F", help="flagd file to move; without one, moves are recorded")
    new.add_argument("--speed", type=number(float, 0.1, 5000), default=1.0, metavar="N", help="divide every duration")


def _adopt(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.setup.adopt import adopt

        return adopt(a.session, a.plan, a.config, dry_run=a.dry_run)

    text = "take new promises from the plan file and the settings, before the first phase"
    command = on_session(commands, "adopt", text, run)
    command.add_argument("--plan", type=Path, metavar="FILE", help="plan file; without it, the one it goes by")
    on_config(command, "other settings than those that the session names")
    command.add_argument("--dry-run", action="store_true", help="say what would be different, and change nothing")


def _open(commands: Commands) -> None:
    from cockpit.cli.outside.metrics import add_metrics, metrics_asked

    def run(a: Namespace) -> int:
        from cockpit.cli.commands.open import open_session

        return open_session(a.session, read_only=a.read_only, config=a.config, told=metrics_asked(a))

    command = on_session(commands, "open", "open a session on the screen and watch it", run)
    command.add_argument("--read-only", action="store_true", help="only look")
    add_metrics(command)
    on_config(command, "other settings than those that the session names")


def _watch(commands: Commands) -> None:
    from cockpit.cli.outside.metrics import add_metrics, metrics_asked

    def run(a: Namespace) -> int:
        from cockpit.cli.commands.watch import watch_session

        return watch_session(a.session, a.config, metrics_asked(a))

    text = "watch a session without a screen, a line per entry; exit 128 + n once signal n ends it"
    command = on_session(commands, "watch", text, run)
    add_metrics(command)
    on_config(command, "other settings than those that the session names")


def _serve(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.outside.serve import serve_session

        return serve_session(a.session, a.port, a.viewers)

    text = "show a session in a browser of this machine, read-only; its address has a secret in it"
    command = on_session(commands, "serve", text, run)
    port = "port on 127.0.0.1; 0, and without it, a free one"
    command.add_argument("--port", type=number(int, 0, 65535), default=0, metavar="N", help=port)
    viewers = "so many may look at a time, each a process; without it, 4"
    command.add_argument("--viewers", type=number(int, 1, 32), default=4, metavar="N", help=viewers)


def _sessions(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        if a.live:
            from cockpit.cli.outside.sessions_live import live_sessions

            return live_sessions()
        from cockpit.cli.commands.sessions import list_sessions

        return list_sessions()

    command = commands.command("sessions", "list the sessions, newest first", run, only_tells=True)
    live = "a row for each that lives: phase, gate, soak, fuse, who watches, alarms; enter opens its deck"
    command.add_argument("--live", action="store_true", help=live)


def _status(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.status import status_of

        return status_of(a.session, as_json=a.json, since=a.since)

    command = on_session(commands, "status", "say where a session stands", run, only_tells=True)
    since = "what happened since you last looked (last), since a span ago (2h), or since 2026-11-25T08:00"
    command.add_argument("--since", metavar="WHEN", help=since)
    command.add_argument("--json", action="store_true", help="print stable JSON")


def _check(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.status import check_of

        return check_of(a.session, as_json=a.json)

    text = "exit 0 may advance, 10 hold, 20 breach or fuse, 30 blind, 2 usage or bad input"
    on_session(commands, "check", text, run).add_argument("--json", action="store_true", help="print stable JSON")


def version_text() -> str:
    """Say which cockpit this is, also where it runs from its source."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"cockpit {version('cockpit')}"
    except PackageNotFoundError:
        return "cockpit (not installed: run from its source)"
