"""The commands that are listed behind those that act: tasks, reports, replays, what settings and plans say."""

from argparse import Namespace
from pathlib import Path

from cockpit.cli.parser import Adding, Commands, number, on_config, on_session


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

    command = on_session(commands, "export", "write the summary for stakeholders: Wins / Risks / Asks", run)
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
    command = on_session(commands, "replay", text, run, only_tells=True)
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
    on_config(command, "settings file; without it, the nearest")
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
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.keys import list_keys

        return list_keys(a.session, a.config)

    text = "list every key with the id that a keymap names"
    command = commands.command("keys", text, run, only_tells=True)
    session = "with the keys of a session; without one, those that nobody changed"
    command.add_argument("session", nargs="?", metavar="NAME|PATH", help=session)
    command.add_argument("--config", type=Path, metavar="FILE", help="with the keys of this settings file")


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
    from cockpit.cli.act_commands import tick_commands

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
    listing = on_session(tasks, "list", "list the tasks of the moment", show, only_tells=True)
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
        on_config(command, "other settings than those that the session names")


FURTHER: Adding = {
    _task: ("task",),
    _export: ("export",),
    _replay: ("replay",),
    _doctor: ("doctor",),
    _trust: ("trust",),
    _plan: ("plan",),
    _keys: ("keys",),
    _schema: ("schema",),
    _completion: ("completion",),
}
"""As they are listed."""
