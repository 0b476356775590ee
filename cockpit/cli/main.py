"""The command line. Each command loads what it needs when it runs: `--help` loads no screen and no driver.

The standard library reads it: any other reader takes longer to load than the first paint has to spare.
"""

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from cockpit.cli.act_commands import add_acts, tick_commands
from cockpit.cli.outside.metrics import add_metrics, metrics_asked
from cockpit.cli.parser import Commands, Parser, number
from cockpit.cli.setup.options import add_init

Run = Callable[[Namespace], int]


def asked(words: Sequence[str]) -> Namespace:
    """Read the command line; `run` of what is returned does it. Raises BadInputError, SystemExit after help."""
    about = "Fly a staged rollout alone: watch, pause, advance, revert, and write it all down."
    parser = Parser("cockpit", description=f"{about} Without a command, open the newest session.")
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("--config", dest="bare_config", type=Path, metavar="FILE", help="other settings file")
    parser.set_defaults(run=_bare, parser=parser, only_tells=True)
    commands = parser.commands()
    for add in (_demo, add_init, _new, _open, _watch, _serve, _sessions, _status, _check, _adopt, add_acts):
        add(commands)
    for add in (_task, _export, _replay, _doctor, _trust, _plan, _keys, _schema, _completion):
        add(commands)
    if "_ARGCOMPLETE" in os.environ:  # a shell asks which words may stand there
        from cockpit.cli.completing.shell import answer

        answer(parser)
    found = parser.read(words)
    if found.bare_config is not None and found.run is not _bare:
        parser.error("--config belongs behind the command.")
    return found


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
    _config(new, "settings file; without it the nearest cockpit.toml, or a new one")
    new.add_argument("--metrics", action="append", default=[], metavar="URL", help="a /metrics page; repeat for more")
    new.add_argument("--database", default="", metavar="D", help="database behind $COCKPIT_MONGO_URI")
    new.add_argument("--flag-file", type=Path, metavar="F", help="flagd file to move; without one, moves are recorded")
    new.add_argument("--speed", type=number(float, 0.1, 5000), default=1.0, metavar="N", help="divide every duration")


def _adopt(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.setup.adopt import adopt

        return adopt(a.session, a.plan, a.config, dry_run=a.dry_run)

    text = "take new promises from the plan file and the settings, before the first phase"
    command = _on_session(commands, "adopt", text, run)
    command.add_argument("--plan", type=Path, metavar="FILE", help="plan file; without it, the one it goes by")
    _config(command, "other settings than those that the session names")
    command.add_argument("--dry-run", action="store_true", help="say what would be different, and change nothing")


def _open(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.open import open_session

        return open_session(a.session, read_only=a.read_only, config=a.config, told=metrics_asked(a))

    command = _on_session(commands, "open", "open a session on the screen and watch it", run)
    command.add_argument("--read-only", action="store_true", help="only look")
    add_metrics(command)
    _config(command, "other settings than those that the session names")


def _watch(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.watch import watch_session

        return watch_session(a.session, a.config, metrics_asked(a))

    text = "watch a session without a screen, a line per entry; exit 128 + n once signal n ends it"
    command = _on_session(commands, "watch", text, run)
    add_metrics(command)
    _config(command, "other settings than those that the session names")


def _serve(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.outside.serve import serve_session

        return serve_session(a.session, a.port, a.viewers)

    text = "show a session in a browser of this machine, read-only; its address has a secret in it"
    command = _on_session(commands, "serve", text, run)
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

    command = _on_session(commands, "status", "say where a session stands", run, only_tells=True)
    since = "what happened since you last looked (last), since a span ago (2h), or since 2026-11-25T08:00"
    command.add_argument("--since", metavar="WHEN", help=since)
    command.add_argument("--json", action="store_true", help="print stable JSON")


def _check(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.status import check_of

        return check_of(a.session, as_json=a.json)

    text = "exit 0 may advance, 10 hold, 20 breach or fuse, 30 blind, 2 usage or bad input"
    _on_session(commands, "check", text, run).add_argument("--json", action="store_true", help="print stable JSON")


def _export(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.export import Wanted, export_retrospective, export_session

        if a.every is not None and not a.live:
            a.parser.error("--every needs --live.")
        if a.live:
            if a.day or a.since or a.retrospective or a.format != "html":
                a.parser.error("--live is of the whole flight: it goes with --format html, --every and --out alone.")
            from cockpit.cli.outside.export_live import export_live

            return export_live(a.session, a.out, a.every or 10.0)
        if a.retrospective:
            if a.day or a.since or a.format:
                a.parser.error("--retrospective is of the whole flight, in Markdown: it goes with --out alone.")
            return export_retrospective(a.session, a.out)
        return export_session(a.session, Wanted(a.day, a.since, a.format or "md", a.out))

    command = _on_session(commands, "export", "write the summary for stakeholders: Wins / Risks / Asks", run)
    command.add_argument("--day", metavar="YYYY-MM-DD", help="a local day; without one, the whole flight")
    command.add_argument("--since", metavar="last", help="only what came after the newest report")
    command.add_argument("--format", metavar="LIST", help="any of md,html,json; without it, md")
    command.add_argument("--out", type=Path, metavar="DIR", help="folder; without one, the session's exports/")
    live = "write it anew until the session or the command ends, as report-live.html"
    command.add_argument("--live", action="store_true", help=live)
    every = "with --live: seconds between two pages; without it, 10"
    command.add_argument("--every", type=number(float, 1, 3600), metavar="N", help=every)
    text = "the retrospective instead: the whole flight judged anew, and what is yours to write"
    command.add_argument("--retrospective", action="store_true", help=text)


def _replay(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.replay import replay_on_screen, replay_session

        if a.screen and a.json:
            a.parser.error("--json prints, and --screen shows: choose one.")
        if a.speed is not None and not a.screen:
            a.parser.error("--speed needs --screen.")
        if a.screen:
            return replay_on_screen(a.session, a.set, a.speed or 60.0)
        return replay_session(a.session, a.set, as_json=a.json)

    text = "judge a flight anew from what was kept of it; nothing of it can act or write"
    command = _on_session(commands, "replay", text, run, only_tells=True)
    change = "change a key of the plan, as criteria.latency.p95_ms=400; repeat it for more"
    command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help=change)
    command.add_argument("--screen", action="store_true", help="show it on the deck: space , . [ ] steer it")
    speed = "with --screen: play so many times as fast as it was; without it, 60"
    command.add_argument("--speed", type=number(float, 0.1, 5000), metavar="N", help=speed)
    command.add_argument("--json", action="store_true", help="print stable JSON")


def _doctor(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.doctor import doctor

        if a.session and a.plan:
            a.parser.error("A session has its plan: --plan goes without one.")
        return doctor(a.session, a.config, a.plan, as_json=a.json, notify=a.notify)

    text = "try every source, query and the flag once; exit 0 no problem, 20 a problem, 2 usage or bad input"
    command = commands.command("doctor", text, run)
    command.add_argument("session", nargs="?", metavar="NAME|PATH", help="a session; without one, the settings file")
    beside = "plan file to go by before there is a session; without it plan.toml beside the settings, else CL7"
    command.add_argument("--plan", type=Path, metavar="FILE", help=beside)
    _config(command, "settings file; without it, the nearest")
    command.add_argument("--json", action="store_true", help="print stable JSON")
    command.add_argument("--notify", action="store_true", help="send one test message to every place for notices")


def _trust(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.trust.command import forget_trusted, list_trusted, trust

        if (a.what is None) is not a.list:
            a.parser.error("Name a settings file or a session, or --list alone.")
        if a.list:
            return list_trusted()
        return forget_trusted(a.what) if a.forget else trust(a.what)

    text = "trust a settings file or a session, after showing what it would run, ask and read"
    command = commands.command("trust", text, run)
    command.add_argument("what", nargs="?", metavar="FILE|NAME|PATH", help="settings file, or session")
    command.add_argument("--list", action="store_true", help="list what is trusted")
    command.add_argument("--forget", action="store_true", help="trust it no more")


def _plan(commands: Commands) -> None:
    def show(a: Namespace) -> int:
        from cockpit.cli.commands.plans import show_plan

        return show_plan(a.file)

    def check(a: Namespace) -> int:
        from cockpit.cli.commands.plans import check_plan

        return check_plan(a.file)

    plans = commands.command("plan", "show or check a plan", show).commands(required=True)
    plans.command("show", "print a plan", show, only_tells=True).add_argument(
        "file", nargs="?", type=Path, metavar="FILE"
    )
    every = plans.command("check", "tell every problem of a plan file, with its line", check)
    every.add_argument("file", type=Path, metavar="FILE")


def _keys(commands: Commands) -> None:
    def run(_a: Namespace) -> int:
        from cockpit.cli.commands.keys import list_keys

        return list_keys()

    commands.command("keys", "list every key with the id that a keymap names", run, only_tells=True)


def _schema(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.completing.schema import show_schema

        return show_schema(a.of)

    text = "print the JSON Schema by which an editor completes and checks a file"
    command = commands.command("schema", text, run, only_tells=True)
    of = "settings (cockpit.toml), or plan; without it, settings"
    command.add_argument("of", nargs="?", choices=("settings", "plan"), default="settings", metavar="FILE", help=of)


def _completion(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.completing.shell import print_script

        return print_script(a.shell)

    text = "print what a shell reads to complete commands, options and names: bash, zsh or fish"
    command = commands.command("completion", text, run, only_tells=True)
    command.add_argument("shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help="bash, zsh or fish")


def _task(commands: Commands) -> None:
    def show(a: Namespace) -> int:
        from cockpit.cli.commands.task import list_tasks

        return list_tasks(a.session, a.config)

    def run(a: Namespace) -> int:
        from cockpit.cli.commands.task import run_task

        return run_task(a.task, a.session, a.config)

    def look(a: Namespace) -> int:
        from cockpit.cli.commands.task import look_at

        return look_at(a.task, a.session, a.config)

    text = "list the tasks, look behind one, tick one, or run the check behind one"
    tasks = commands.command("task", text, show).commands(required=True)
    listing = _on_session(tasks, "list", "list the tasks of the moment", show, only_tells=True)
    running = tasks.command("run", "run the check behind a task, and tick it when it passes", run)
    running.add_argument("task", metavar="TASK", help="id of the task, see cockpit task list")
    running.add_argument("session", nargs="?", metavar="NAME|PATH", help="a session; without one, the newest")
    looking = tasks.command(
        "look", "print the sheet behind a task or a RISK.STEP: what is to be looked at", look, only_tells=True
    )
    looking.add_argument("task", metavar="TASK", help="id of the task, or RISK.STEP, as csat.cause")
    looking.add_argument("session", nargs="?", metavar="NAME|PATH", help="a session; without one, the newest")
    tick_commands(tasks)
    for command in (listing, running, looking):
        _config(command, "other settings than those that the session names")


def _config(command: Parser, text: str) -> None:
    command.add_argument("--config", type=Path, metavar="FILE", help=text)


def _on_session(commands: Commands, name: str, text: str, run: Run, *, only_tells: bool = False) -> Parser:
    command = commands.command(name, text, run, only_tells=only_tells)
    command.add_argument("session", nargs="?", metavar="NAME|PATH", help="a session; without one, the newest")
    return command


def version_text() -> str:
    """Say which cockpit this is, also where it runs from its source."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"cockpit {version('cockpit')}"
    except PackageNotFoundError:
        return "cockpit (not installed: run from its source)"
