"""However keys are chopped into packets, the same comes of them: all, in order, once; a paste acts on nothing."""

import json
import random
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from cockpit.tui.keyboard.reading import ASK_PASTE, Reading
from cockpit.tui.prompts import SEVERITIES
from tests.support.processes.terminal import ROOT, Terminal
from tests.support.screen import sample
from widgets.base.view import View
from widgets.dialogs.tasks import task_rows

PROGRAM = (str(ROOT / "tests/support/processes/keyed.py"),)
ESC = "\x1b"
TOKENS = {
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "shift+tab": "\x1b[Z",
    "home": "\x1b[H",
    "pageup": "\x1b[5~",
    "f1": "\x1bOP",
    "f5": "\x1b[15~",
    "f12": "\x1b[24~",
    "enter": "\r",
    "tab": "\t",
    "escape": ESC,
}
PASTES = ("r\ny q", "spa ce", "n\nhckout\n", "жё 購入", "q")
LETTERS = "abnorqyzAZ059.:?/éжñ購"


def pasted(text: str) -> str:
    return f"\x1b[200~{text}\x1b[201~"


# The reader alone: cut anywhere, also within a sequence and between escape and a key

_TOKEN = st.one_of(
    st.sampled_from(sorted(TOKENS)).map(lambda name: (name, TOKENS[name])),
    st.sampled_from(LETTERS).map(lambda char: (char, char)),
    st.sampled_from(PASTES).map(lambda text: (f"paste {text}", pasted(text))),
)


def read(chunks: list[str]) -> list[str]:
    reading = Reading(XTermParser())
    found = [one for chunk in chunks for one in reading.feed(chunk)]
    if reading.waits:
        reading._parser._timeout_time = 0.0
        found += reading.tick()
    return [
        f"paste {one.text}" if isinstance(one, events.Paste) else one.character if one.is_printable else one.key
        for one in found
        if isinstance(one, (events.Key, events.Paste))
    ]


@given(st.lists(_TOKEN, max_size=12), st.lists(st.integers(0, 200), max_size=12))
def test_any_cut_reads_the_same_keys(tokens, cuts):
    text = "".join(said for _, said in tokens)
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    assert read([text[a:b] for a, b in pairwise(places)]) == [name for name, _ in tokens]


# The whole program in a real pseudo-terminal


def sentences(dice: random.Random, count: int) -> list[tuple[list[str], list[list[str]]]]:
    """Return what is typed, in parts that no packet cuts but within letters and pastes, and what is to be asked."""
    task = task_rows(View(sample.calm(), sample.NOW, sample.TZ))[0]
    tick = ["untick" if task.ticked else "tick", task.id, ""]
    words = "".join(dice.choice("abcxyz éжñ購入🚀") for _ in range(12)).strip() or "x"
    paste = dice.choice(PASTES)
    kinds = {
        "note": (["n", *words, "\r"], [["note", "", words]]),
        "note left": (["n", *words, ESC], []),
        "note with a paste": (["n", *"ab ", pasted(paste), "\r"], [["note", "", f"ab {' '.join(paste.split())}"]]),
        "observe": (["o"], [["observe", "", ""]]),
        "pause": ([" "], [["pause", "", ""]]),
        "revert": (["r", "y"], [["revert", "", ""]]),
        "no revert": (["r", "n"], []),
        "incident": (["i", TOKENS["down"], "\r", *words, "\r"], [["open incident", list(SEVERITIES)[1], words]]),
        "tick": (["t", " ", TOKENS["down"], TOKENS["up"], ESC], [tick]),
        "paste": ([pasted(paste)], []),
        "steer": ([TOKENS["down"], "\t", TOKENS["f5"], TOKENS["right"], "ж", ESC], []),
        "look": ([dice.choice("23456"), TOKENS["down"], TOKENS["f1"], "1"], []),
        "help": (["?", *"freeze q", ESC, ESC], []),
    }
    found, last = [], ""
    for _ in range(count):
        last = dice.choice([kind for kind in kinds if kind != last])
        found.append(kinds[last])
    return found


def chopped(dice: random.Random, parts: list[str]) -> list[bytes]:
    """Cut between parts, within a letter's bytes, and within what is pasted."""
    packets, packet = [], b""
    for part in parts:
        body = part.encode()
        marked = body.startswith(b"\x1b[200~")
        inside = range(6, len(body) - 6) if marked else range(1, len(body)) if body[:1] > b"\x7f" else ()
        start = 0
        for place in sorted(dice.sample(inside, min(len(inside), dice.choice((0, 0, 1, 2))))):
            packets.append(packet + body[start:place])
            packet, start = b"", place
        packet += body[start:]
        if dice.random() < 0.3:
            packets.append(packet)
            packet = b""
    return [one for one in (*packets, packet) if one]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_any_packets_ask_for_the_same_in_order_and_once(seed, tmp_path):
    dice = random.Random(seed)
    said = sentences(dice, 20)
    parts = [part for typed, _ in said for part in typed]
    packets = ["".join(parts).encode()] if seed == 0 else chopped(dice, parts)
    path = tmp_path / "asked"
    path.touch()
    here = Terminal(str(path), program=PROGRAM)
    try:
        here.until(ASK_PASTE.encode())
        here.until(b"Ops log")
        here.send(b"\x1b[?2004;2$y")
        for packet in packets:
            here.send(packet)
            if gap := dice.choice((0, 0, 0, 0.001, 0.004, 0.03)):
                here.pump(gap)
        here.send(b"q")
        assert here.wait(60) == 0
    finally:
        here.close()
    asked = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert asked == [request for _, wanted in said for request in wanted]
