"""The commands that the help lists last: tasks, reports, replay, settings and plans."""

from argparse import Namespace
from pathlib import Path

from cockpit.cli.parser import (
    CONFIG_HELP,
    JSON_HELP,
    SESSION_HELP,
    About,
    Adding,
    Commands,
    number,
    on_config,
    on_session,
)


def _export(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.export import Wanted, export_retrospective, export_session

        if a.every is not None and not a.live:
            a.parser.error("--every needs --live.")
        if a.live:
            if a.day or a.since or a.retrospective or a.format != "html":
                a.parser.error(
                    "--live writes the whole flight as HTML: use it only with --format html, --every and --out."
                )
            from cockpit.cli.outside.export_live import export_live

            return export_live(a.session, a.out, a.every or 10.0)
        if a.retrospective:
            if a.day or a.since or a.format:
                a.parser.error("--retrospective writes the whole flight as Markdown: use it only with --out.")
            return export_retrospective(a.session, a.out)
        return export_session(a.session, Wanted(a.day, a.since, a.format or "md", a.out))

    text = "write the report for stakeholders: wins, risks, asks, then the evidence"
    command = on_session(commands, "export", About(text, example="cockpit export --since last --format md,html"), run)
    command.add_argument("--day", metavar="YYYY-MM-DD", help="only this local day (default: the whole flight)")
    command.add_argument("--since", metavar="last", help="only what happened after the newest report")
    command.add_argument("--format", metavar="LIST", help="formats, separated by commas: md, html, json (default: md)")
    command.add_argument(
        "--out", type=Path, metavar="DIR", help="folder to write to (default: exports/ in the session's folder)"
    )
    live = "with --format html: update report-live.html until the session or the command ends"
    command.add_argument("--live", action="store_true", help=live)
    every = "with --live: seconds between two updates, 1 to 3600 (default: 10)"
    command.add_argument("--every", type=number(float, 1, 3600), metavar="N", help=every)
    text = "write the retrospective instead: the whole flight judged again, and questions for you"
    command.add_argument("--retrospective", action="store_true", help=text)


def _replay(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.replay import replay_on_screen, replay_session

        if a.screen and a.json:
            a.parser.error("Choose --json or --screen, not both.")
        if a.speed is not None and not a.screen:
            a.parser.error("--speed needs --screen.")
        if a.screen:
            return replay_on_screen(a.session, a.set, a.speed or 60.0)
        return replay_session(a.session, a.set, as_json=a.json)

    text = "judge a recorded flight again, also with a changed plan; it moves and writes nothing"
    example = "cockpit replay --set criteria.latency.p95_ms=400"
    command = on_session(commands, "replay", About(text, example=example), run, only_tells=True)
    change = "judge with another value for a key of the plan; repeat it for more keys"
    command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help=change)
    screen = "show the flight on the deck; space pauses, comma and dot step a moment, [ and ] an entry"
    command.add_argument("--screen", action="store_true", help=screen)
    speed = "with --screen: play N times as fast as it was (default: 60)"
    command.add_argument("--speed", type=number(float, 0.1, 5000), metavar="N", help=speed)
    command.add_argument("--json", action="store_true", help=JSON_HELP)


def _doctor(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.doctor import doctor

        if a.session and a.plan:
            a.parser.error("A session has its own plan: write the session or --plan, not both.")
        return doctor(a.session, a.config, a.plan, as_json=a.json, notify=a.notify)

    text = "try every source, every query and the flag once, and say what is wrong"
    more = "It changes nothing. Exit code: 0 no problem, 20 a problem, 2 usage or bad input."
    command = commands.command("doctor", About(text, more, "cockpit doctor --config cockpit.toml"), run)
    session = "name of a session, or path of its folder (default: try the settings file alone)"
    command.add_argument("session", nargs="?", metavar="NAME|PATH", help=session)
    beside = "plan file, if there is no session yet (default: plan.toml beside the settings, else CL7)"
    command.add_argument("--plan", type=Path, metavar="FILE", help=beside)
    on_config(command, "settings file (default: that of the session, else the nearest cockpit.toml)")
    command.add_argument("--json", action="store_true", help=JSON_HELP)
    command.add_argument("--notify", action="store_true", help="send one test message to every place for notifications")


def _trust(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.trust.command import forget_trusted, list_trusted, trust

        if (a.what is None) is not a.list:
            a.parser.error("Name a settings file or a session, or write --list alone.")
        if a.list:
            return list_trusted()
        return forget_trusted(a.what) if a.forget else trust(a.what)

    text = "show what a settings file would run, ask and read, then trust it"
    example = "cockpit trust cockpit.toml"
    command = commands.command("trust", About(text, "On a terminal it asks first.", example), run)
    command.add_argument(
        "what", nargs="?", metavar="FILE|NAME|PATH", help="settings file, or name or path of a session"
    )
    command.add_argument("--list", action="store_true", help="list the trusted files, and since when")
    command.add_argument("--forget", action="store_true", help="no longer trust the file")


def _plan(commands: Commands) -> None:
    def show(a: Namespace) -> int:
        from cockpit.cli.commands.plans import show_plan

        return show_plan(a.file)

    def check(a: Namespace) -> int:
        from cockpit.cli.commands.plans import check_plan

        return check_plan(a.file)

    plans = commands.command("plan", "show or check a plan", show).commands(required=True)
    showing = plans.command("show", "print a plan: phases, bounds, risks, tasks", show, only_tells=True)
    which = "plan file (default: the built-in plan CL7)"
    showing.add_argument("file", nargs="?", type=Path, metavar="FILE", help=which)
    text = "list every error of a plan file with its line; without errors, warn where its numbers disagree"
    every = plans.command("check", About(text, example="cockpit plan check plan.toml"), check)
    every.add_argument("file", type=Path, metavar="FILE", help="plan file")


def _keys(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.commands.keys import list_keys

        return list_keys(a.session, a.config)

    text = "list every key, what it does, and its id for the keymap in cockpit.toml"
    command = commands.command("keys", text, run, only_tells=True)
    session = "list the keys that this session's settings choose (default: the built-in keys)"
    command.add_argument("session", nargs="?", metavar="NAME|PATH", help=session)
    command.add_argument("--config", type=Path, metavar="FILE", help="list the keys that this settings file chooses")


def _schema(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.completing.schema import show_schema

        return show_schema(a.of)

    text = "print the JSON Schema with which an editor completes and checks a file"
    command = commands.command("schema", About(text, example="cockpit schema plan > plan.json"), run, only_tells=True)
    of = "settings (cockpit.toml) or plan (default: settings)"
    command.add_argument("of", nargs="?", choices=("settings", "plan"), default="settings", metavar="FILE", help=of)


def _completion(commands: Commands) -> None:
    def run(a: Namespace) -> int:
        from cockpit.cli.completing.shell import print_script

        return print_script(a.shell)

    text = "print the script with which a shell completes commands, options and names"
    example = "cockpit completion bash > ~/.local/share/bash-completion/completions/cockpit"
    command = commands.command("completion", About(text, example=example), run, only_tells=True)
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

    text = "list the tasks, look at the figures of one, run its check, tick it"
    tasks = commands.command("task", text, show).commands(required=True)
    listing = on_session(tasks, "list", "list the current tasks with their ids, due ones first", show, only_tells=True)
    text = "run the check of a task, and tick the task if the check passes"
    running = tasks.command("run", About(text, example="cockpit task run p1.wf7"), run)
    running.add_argument("task", metavar="TASK", help="id of the task; cockpit task list prints the ids")
    running.add_argument("session", nargs="?", metavar="NAME|PATH", help=SESSION_HELP)
    text = "print the sheet of a task or a runbook step: the figures to look at"
    looking = tasks.command("look", About(text, example="cockpit task look csat.cause"), look, only_tells=True)
    looking.add_argument("task", metavar="TASK", help="id of the task, or RISK.STEP for a runbook step")
    looking.add_argument("session", nargs="?", metavar="NAME|PATH", help=SESSION_HELP)
    tick_commands(tasks)
    for command in (listing, running, looking):
        on_config(command, CONFIG_HELP)


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
"""In the order of the help."""
