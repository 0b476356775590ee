"""Secrets that lapse: a command that prints a new word each time it is run, and a peer that lets only young ones in."""

import base64
import re
import threading
from dataclasses import dataclass, field

from cockpit.settings.schema.secrets import Secret, SecretError, Secrets
from tests.support.peers.flag_peers import Peer, _say, flag_peer

ARGV = ("mint", "canary-argument")
PRINTED = Secret(argv=ARGV)
_WORD = re.compile(r"minted-(\d{4})-word")


class Mint:
    """Prints `minted-0001-word` and so on, at once or when `gate` is set; `clock` is the boot clock in s."""

    def __init__(self, shape="{}"):
        self.shape, self.ran, self.clock, self.threads = shape, 0, 0.0, set()
        self.broken, self.stuck = "", False
        self.gate, self.begun = threading.Event(), threading.Event()
        self.gate.set()

    def run(self, argv):
        assert argv == ARGV
        self.ran += 1
        self.threads.add(threading.current_thread())
        self.begun.set()
        assert self.gate.wait(60)
        if self.broken:
            raise SecretError(self.broken)
        return self.shape.format(word(1 if self.stuck else self.ran))

    def secrets(self, **environ):
        return Secrets(environ, self.run, lambda: self.clock)


def word(number):
    return f"minted-{number:04}-word"


@dataclass
class Guard(Peer):
    """Refuses who comes without a word, or with one older than `least`; `seen` are the numbers of all that came."""

    least: int = 1
    refusal: int = 401
    seen: list = field(default_factory=list)

    async def _answer(self, request, writer):
        method, path, headers, _ = request
        number = number_in(headers, path)
        self.seen.append(number)
        if number >= self.least:
            return await super()._answer(request, writer)
        self.asked.append((method, path, None, headers))
        return await _say(writer, self.refusal, {"message": "no entry"})


def number_in(headers, path):
    kind, _, said = headers.get("authorization", "").partition(" ")
    shown = base64.b64decode(said).decode() if kind == "Basic" else f"{kind} {said}"
    found = _WORD.search(f"{shown} {path}")
    return int(found[1]) if found else 0


def guarded(handle, *faults):
    return flag_peer(handle, *faults, kind=Guard)
