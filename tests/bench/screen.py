"""The screen from outside: first paint, idling, memory and keys, beside a bare Textual program in the same run."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tools.flight import session
from tools.installed import surroundings
from tools.row import Row, ratio
from tools.terminal import Terminal

HELLO = (sys.executable, str(Path(__file__).with_name("tools") / "hello.py"))
ENTRIES = 200
SETTLED, LOOKED = 8.0, 20.0
"""Seconds until everything is loaded and said, the hand-over too, and seconds of idling measured after that."""
TIMES = 4


@dataclass(slots=True)
class Runs:
    """What the runs of one program gave: seconds, seconds, seconds, % of a core, kB/s, MB, and ms per key."""

    first: list[float] = field(default_factory=list)
    deck: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)
    written: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    screens: list[float] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)
    acts: list[float] = field(default_factory=list)


def measure(rounds: int) -> list[Row]:
    """Start both programs by turns, `rounds` times each."""
    hello, cockpit = Runs(), Runs()
    whole = rounds > 1
    with TemporaryDirectory(prefix="cockpit-bench-") as place:
        for number in range(rounds):
            folder = session(Path(place) / f"flight-{number}", ENTRIES, datetime.now(UTC))
            command = sys.executable, "-m", "cockpit", "open", str(folder)
            if not number:
                _warm(command, place)
            _hello(hello, place, whole=whole)
            _cockpit(cockpit, command, place, whole=whole)
    return _rows(hello, cockpit)


def _warm(command: Sequence[str], place: str) -> None:
    """Start both once: their bytecode is kept from then on, as it is where they are installed."""
    environ = surroundings(Path(place), {"COCKPIT_HOME": place})
    with Terminal(HELLO, environ) as terminal:
        terminal.until(lambda text: "Hello, world" in text)
    with Terminal(command, environ) as terminal:
        terminal.until(lambda text: "watch started" in text)
        terminal.rest(2.0)


def _hello(runs: Runs, place: str, *, whole: bool) -> None:
    with Terminal(HELLO, surroundings(Path(place), {})) as terminal:
        runs.first.append(terminal.until(_painted))
        runs.ready.append(terminal.until(lambda text: "Hello, world" in text))
        _left_alone(runs, terminal, whole=whole)


def _cockpit(runs: Runs, command: Sequence[str], place: str, *, whole: bool) -> None:
    with Terminal(command, surroundings(Path(place), {"COCKPIT_HOME": place})) as terminal:
        runs.first.append(terminal.until(_painted))
        runs.deck.append(terminal.until(lambda text: "Gate to" in text))
        runs.ready.append(terminal.until(lambda text: "watch started" in text))
        _left_alone(runs, terminal, whole=whole)
        runs.screens.extend(_screens(terminal, TIMES if whole else 1))
        runs.steps.extend(_steps(terminal, TIMES if whole else 1))
        runs.acts.extend(_acts(terminal, TIMES if whole else 1))


def _left_alone(runs: Runs, terminal: Terminal, *, whole: bool) -> None:
    looked = LOOKED if whole else 1.0
    terminal.rest(SETTLED if whole else 0.5)
    before = terminal.written
    runs.idle.append(terminal.idle(looked))
    runs.written.append((terminal.written - before) / 1000 / looked)
    runs.memory.append(terminal.memory())


def _painted(text: str) -> bool:
    return bool(text.strip())


def _screens(terminal: Terminal, times: int) -> list[float]:
    """Go to the ops log and back: the time until the other screen stands there."""
    laps = []
    for _ in range(times):
        for key, word in (("4", "/ Filter"), ("1", "Gate to")):
            terminal.rest(0.6)
            laps.append(terminal.after(key, lambda text, word=word: word in text))
    return laps


def _steps(terminal: Terminal, times: int) -> list[float]:
    """Step from one criterion to the next on the detail screen: the time until the other chart stands there."""
    laps = []
    terminal.after("2", lambda text: "Criterion" in text)
    for _ in range(2 * times):
        terminal.rest(0.6)
        before = _below_clock(terminal.text)
        laps.append(terminal.after("\x1b[C", lambda text, before=before: _below_clock(text) != before))
    terminal.after("1", lambda text: "Gate to" in text)
    return laps


def _below_clock(text: str) -> str:
    return text.partition("\n")[2]


def _acts(terminal: Terminal, times: int) -> list[float]:
    """Pause and resume: the time until the entry is on the disk, folded into the state and shown."""
    laps = []
    for _ in range(times):
        for paused in (True, False):  # what else the header says depends on how old the readings are by then
            terminal.rest(1.0)
            laps.append(terminal.after(" ", lambda text, paused=paused: ("PAUSED" in _header(text)) is paused))
    return laps


def _header(text: str) -> str:
    return text.partition("\n")[0]


def _rows(hello: Runs, cockpit: Runs) -> list[Row]:
    base = f"{median(hello.first):.2f} s hello, {median(cockpit.first):.2f} s cockpit"
    deck = f"{median(hello.ready):.2f} s hello, {median(cockpit.deck):.2f} s cockpit"
    ready = f"{median(hello.ready):.2f} s hello, {median(cockpit.ready):.2f} s cockpit"
    memory = f"{median(hello.memory):.0f} MB hello, {median(cockpit.memory):.0f} MB cockpit"
    return [
        Row("First paint: what opens", ratio(cockpit.first, hello.first), "x hello", "≤ 1.5x", base),
        Row("The deck, whole", ratio(cockpit.deck, hello.ready), "x hello", "≤ 1.8x", deck),
        Row("Ready: watched and judged", ratio(cockpit.ready, hello.ready), "x hello", "", ready),
        Row("Idle, 1 s refresh", median(cockpit.idle), "% of a core", "≤ 1.2 %", f"{median(hello.idle):.2f} % hello"),
        Row(
            "Idle, written to the terminal",
            median(cockpit.written),
            "kB/s",
            "≤ 1.5 kB/s",
            "160x48, what changes each second",
        ),
        Row("Memory (PSS)", ratio(cockpit.memory, hello.memory), "x hello", "≤ 1.4x", memory),
        Row("Key to paint: screen", median(cockpit.screens), "ms", "≤ 35 ms", f"worst {max(cockpit.screens):.0f} ms"),
        Row("Key to paint: next chart", median(cockpit.steps), "ms", "≤ 20 ms", f"worst {max(cockpit.steps):.0f} ms"),
        Row("Key to paint: pause", median(cockpit.acts), "ms", "≤ 35 ms", f"worst {max(cockpit.acts):.0f} ms"),
    ]
