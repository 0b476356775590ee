"""`cockpit demo`: the plan flown over an embedded world, by hand or by the autopilot."""

import contextlib
import os
import secrets
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from cockpit.cli.commands.export import export_retrospective
from cockpit.cli.commands.open import announce, need_terminal, watch_on_screen
from cockpit.cli.commands.sessions import begin
from cockpit.demo.drill.scenario import drawn, faults_of
from cockpit.demo.drill.score import ended, scored
from cockpit.demo.drill.telling import told
from cockpit.demo.headless import ALL, Goal, fly
from cockpit.demo.launch import Address, World
from cockpit.demo.settings_file import SCRAPE_INTERVAL, settings_text, speed_for, target
from cockpit.engine.opening import opened
from cockpit.engine.watch import Watch
from cockpit.runtime.clock import DEMO_CLOCK, Clock, clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.session.export import report_name, with_peaks, write_export
from cockpit.session.viewer import Viewer
from cockpit.settings.file.locate import NAME
from cockpit.settings.file.wiring import MONGO_VARIABLE, Wiring
from cockpit.settings.trust.act import candidate_of
from sessions.gate.judgement import Judgement
from sessions.plan.loader import bundled, scaled
from sessions.plan.model import Plan
from sessions.reports.periods import of_flight
from sessions.storage.disk import write_new
from sessions.storage.folders import SESSION, create_folder, prepare
from sessions.storage.session_file import load
from sessions.text.clean import clean
from sessions.text.units import duration
from sessions.values.percent import percent_said

NOT_REACHED = 10
SEED, SEEDS = 7, 1_000_000
SCORE = "drill.md"
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
HARD_SECONDS = 20.0
"""Seconds that the orderly end after a signal may take: the watch has its own 6 s, the world its own 6."""


class Flight(Struct, frozen=True):
    """What the command line asks for."""

    scenario: str | None
    traffic: str
    speed: float | None
    seed: int | None
    headless: bool
    until: str
    out: Path | None
    port: int
    drill: bool = False


def fly_demo(flight: Flight) -> int:
    """Start the world and fly over it; the world ends with the flight."""
    plan = scaled(bundled(), speed_for(flight.traffic, flight.speed))
    goal = _goal(flight.until, plan)
    headless = flight.headless or not (flight.drill or sys.stdout.isatty())
    scenario, seed = _chosen(flight)
    _refuse_taken(flight.out)
    _refuse_blind(flight.traffic)
    if not headless:
        need_terminal()
        announce("starting a concierge, its shoppers and its database")
    world = World(plan, scenario, seed, mongo_uri=os.environ.get(MONGO_VARIABLE), port=flight.port)
    with ended_by_signals(), world as address, _prometheus(flight.traffic, address) as prometheus:
        folder = _session(flight, plan, address, prometheus)
        _keep_time(world, folder)
        if headless:
            return _fly_headless(folder, goal, address)
        if flight.drill:
            code = watch_on_screen(folder, environ=_environ(address), ends=_end_of_drill(plan, address, folder))
            _tell_score(folder, plan, address, (scenario, seed), flight.out)
        else:
            code = watch_on_screen(folder, environ=_environ(address))
    _tell_lost(folder)
    sys.stdout.write(f"session kept in {clean(folder)}\nread it with: cockpit status {clean(folder)}\n")
    return code


def _chosen(flight: Flight) -> tuple[str, int]:
    """Return scenario and seed; a drill draws both. Raises BadInputError if a drill names a scenario."""
    if not flight.drill:
        return flight.scenario or "calm", SEED if flight.seed is None else flight.seed
    if flight.headless or flight.scenario or flight.until != ALL:
        raise BadInputError(
            "--drill: you fly it yourself, and its scenario is secret: leave out --headless, --until, --scenario"
        )
    seed = secrets.randbelow(SEEDS) if flight.seed is None else flight.seed
    return drawn(seed), seed


def _end_of_drill(plan: Plan, address: Address, folder: Path) -> Callable[[Judgement], str]:
    begun = clock_of(folder).now()

    def ends(judgement: Judgement) -> str:
        drill = scored(plan, judgement.state.entries, faults_of(address.folder), judgement.at)
        return ended(plan, drill, begun, judgement.at)

    return ends


def _tell_score(folder: Path, plan: Plan, address: Address, drawn_as: tuple[str, int], out: Path | None) -> None:
    """Print the score of a drill that is over, and with --out keep it beside the session."""
    entries, now = load(folder / SESSION).entries, clock_of(folder).now()
    text = told(scored(plan, entries, faults_of(address.folder), now), plan, *drawn_as, None)
    sys.stdout.write(f"{text}\n")
    if out is not None:
        write_export(folder, SCORE, text, folder)


def _goal(until: str, plan: Plan) -> Goal:
    if until == ALL:
        return Goal(None)
    percent, percents = percent_said(until), [phase.percent for phase in plan.phases[1:]]
    if percent is None or percent not in percents:
        known = ", ".join(f"{each}%" for each in percents)
        raise BadInputError(f"--until {clean(until, 40)}: is not a phase: write {known} or {ALL}")
    return Goal(percent)


def _refuse_taken(out: Path | None) -> None:
    """Say so before a world is started for nothing. Raises BadInputError."""
    if out is not None and os.path.lexists(out / SESSION):
        raise BadInputError(f"{out}: holds a session already: choose another --out")
    if out is not None and os.path.lexists(out / NAME):
        raise BadInputError(f"{out / NAME}: exists already: choose another --out")


def _refuse_blind(traffic: str) -> None:
    """Say so before a world is started that nobody could see. Raises BadInputError."""
    if traffic == "prometheus" and shutil.which(traffic) is None:
        raise BadInputError("--traffic prometheus: there is no such program: apt install prometheus, or choose scrape")


@contextmanager
def _prometheus(traffic: str, address: Address) -> Iterator[str]:
    """Give the address of a Prometheus that scrapes the world, none if nobody asks it."""
    if traffic != "prometheus":
        yield ""
        return
    from cockpit.demo.prometheus_child import ChildError, PrometheusChild

    folder = address.folder / "scraped"
    folder.mkdir()
    try:
        with PrometheusChild([target(address)], folder, SCRAPE_INTERVAL) as url:
            yield url
    except ChildError as error:
        raise BadInputError(clean(error, 200)) from error


def _session(flight: Flight, plan: Plan, address: Address, prometheus: str) -> Path:
    """Make the session, wired to the settings beside it."""
    name = f"{'drill' if flight.drill else 'demo'}-{Clock().now().astimezone():%Y%m%d-%H%M%S}"
    folder = create_folder(name) if flight.out is None else prepare(flight.out)
    path = folder.absolute() / NAME
    try:
        write_new(path, settings_text(flight.traffic, plan, address, MONGO_VARIABLE, prometheus).encode())
    except OSError as error:
        raise BadInputError(f"{path}: cannot be made ({error.strerror}): choose another --out") from error
    candidate_of(path).trust(Clock().now())
    begin(folder, name, plan, Wiring(settings=str(path)))
    return folder


def _tell_lost(folder: Path) -> None:
    """Say how much the session's clock fell behind the machine's, where that can be noticed."""
    lost = (Clock().now() - clock_of(folder).now()).total_seconds()
    if lost >= 1:
        text = f"the machine was busy: the demo's clock fell {duration(lost)} behind, and its entries keep that time"
        sys.stdout.write(text + "\n")


def _keep_time(world: World, folder: Path) -> None:
    """Let the world slow the session's clock down where the machine is busy; where it cannot tell, it does not."""
    with contextlib.suppress(OSError):
        world.keep_time(folder / DEMO_CLOCK)


def _fly_headless(folder: Path, goal: Goal, address: Address) -> int:
    clock = clock_of(folder)
    with opened(folder, clock, None, _environ(address)) as door:
        if isinstance(door, Viewer):
            raise BadInputError(f"{folder}: {door.viewer}: choose another --out")
        door.start()
        try:
            reached = fly(door, goal, _say, None)
        finally:
            door.stop("flight over")
        path = _report(folder, door)
    if reached and goal.percent is None:
        export_retrospective(str(folder.absolute()), None)
    _tell_lost(folder)
    _say(f"{'reached' if reached else 'NOT reached'}; report in {path}")
    return 0 if reached else NOT_REACHED


def _environ(address: Address) -> Mapping[str, str]:
    return {**os.environ, MONGO_VARIABLE: address.mongo_uri}


def _report(folder: Path, door: Watch) -> Path:
    judgement = door.latest()
    period = of_flight(judgement)
    return write_export(folder, report_name(period), with_peaks(folder, judgement, period, None))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Signals that ask for the end unwind, so that the world ends too; what hangs meanwhile is left to the leash."""
    ended: list[int] = []

    def leave(number: int, _frame: object) -> None:
        for each in before:  # a second one would cut the orderly end short
            signal.signal(each, signal.SIG_IGN)
        ended.append(128 + number)
        last = threading.Timer(HARD_SECONDS, os._exit, (128 + number,))
        last.daemon = True
        last.start()
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in SIGNALS}
    try:
        yield
    except BaseException:
        if ended:  # a lock that is left half way complains on top
            raise SystemExit(ended[0]) from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
