"""The command line. Each command loads what it needs when it runs: `--help` loads no screen and no driver."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Fly a staged rollout alone: watch, pause, advance, revert, and write it all down.",
)

Which = Annotated[str | None, typer.Argument(metavar="[NAME|PATH]", help="A session; without one, the newest.")]
Json = Annotated[bool, typer.Option("--json", help="Print stable JSON.")]
Metrics = Annotated[list[str] | None, typer.Option("--metrics", help="Address of a /metrics page; repeat for more.")]
Database = Annotated[str | None, typer.Option(help="Database behind $COCKPIT_MONGO_URI.")]
FlagFile = Annotated[
    Path | None, typer.Option(help="The flagd flag file to move; without one, moves are only recorded.")
]
Speed = Annotated[float, typer.Option(min=0.1, max=5000, help="Divide every duration of the plan by this.")]


@app.callback(invoke_without_command=True)
def cockpit(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> int:
    """Open the newest session, or say how to start one."""
    if version:
        from cockpit.commands.version import version_text

        typer.echo(version_text())
        raise typer.Exit
    if context.invoked_subcommand is None:
        from cockpit.commands.flying import open_session

        raise typer.Exit(open_session(None))
    return 0


@app.command()
def demo(  # noqa: PLR0913 - the options are the command's contract
    *,
    scenario: Annotated[
        str, typer.Option(help="calm, latency-spike, duplicates, ticket-flood or source-down.")
    ] = "calm",
    speed: Speed = 72,
    seed: Annotated[int, typer.Option(help="Seed of the virtual shoppers.")] = 7,
    headless: Annotated[bool, typer.Option("--headless", help="Fly with the autopilot, without a screen.")] = False,
    until: Annotated[str, typer.Option(help="Headless: end once this phase is entered (25%), or all.")] = "all",
    out: Annotated[Path | None, typer.Option(help="Folder of the session; without one, the default place.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the demo service; 0 takes a free one.")] = 0,
) -> int:
    """Fly over an embedded concierge service: real HTTP, real MongoDB wire, virtual shoppers."""
    from cockpit.commands.demo import Flight, fly_demo

    return fly_demo(Flight(scenario, speed, seed, headless, until, out, port))


@app.command()
def new(  # noqa: PLR0913 - the options are the command's contract
    name: Annotated[str, typer.Argument(help="Name of the session.")],
    *,
    plan: Annotated[Path | None, typer.Option(help="Plan file; without one, CL7.")] = None,
    metrics: Metrics = None,
    database: Database = None,
    flag_file: FlagFile = None,
    speed: Speed = 1,
) -> int:
    """Start a session: its folder, its plan, where its numbers come from."""
    from cockpit.commands.sessions import new_session
    from cockpit.wiring import Wiring

    wiring = Wiring(
        metrics=tuple(metrics or ()), database=database or "", flag_file=str(flag_file.absolute()) if flag_file else ""
    )
    return new_session(name, plan, wiring, speed)


@app.command("open")
def open_(
    session: Which = None, *, read_only: Annotated[bool, typer.Option("--read-only", help="Only look.")] = False
) -> int:
    """Open a session on the screen and watch it."""
    from cockpit.commands.flying import open_session

    return open_session(session, read_only=read_only)


@app.command()
def sessions() -> int:
    """List the sessions, newest first."""
    from cockpit.commands.sessions import list_sessions

    return list_sessions()


@app.command()
def status(session: Which = None, *, json: Json = False) -> int:
    """Say where a session stands."""
    from cockpit.commands.status import status_of

    return status_of(session, as_json=json)


@app.command()
def check(session: Which = None, *, json: Json = False) -> int:
    """Exit 0 may advance, 10 hold, 20 breach or fuse, 30 blind, 2 usage or bad input."""
    from cockpit.commands.status import check_of

    return check_of(session, as_json=json)


@app.command()
def export(
    session: Which = None,
    *,
    day: Annotated[str | None, typer.Option(help="Local day YYYY-MM-DD; without one, the whole flight.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write to; without one, the session's exports/.")] = None,
) -> int:
    """Write the summary for stakeholders: Wins / Risks / Asks."""
    from cockpit.commands.export import export_session

    return export_session(session, day, out)


plans = typer.Typer(help="Show or check a plan.", rich_markup_mode=None)
app.add_typer(plans, name="plan")


@plans.command("show")
def plan_show(file: Annotated[Path | None, typer.Argument(help="Plan file; without one, CL7.")] = None) -> int:
    """Print a plan."""
    from cockpit.commands.plans import show_plan

    return show_plan(file)


@plans.command("check")
def plan_check(file: Annotated[Path, typer.Argument(help="Plan file.")]) -> int:
    """Tell every problem of a plan file, with its line."""
    from cockpit.commands.plans import check_plan

    return check_plan(file)
