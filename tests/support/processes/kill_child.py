"""A process that moves the flag, for tests that kill it half-way: the flag's file takes its time to be exchanged.

python -m tests.support.processes.kill_child watch FOLDER        watches until its standard input ends
python -m tests.support.processes.kill_child WORD ...            what the command line `cockpit WORD ...` does
"""

import random
import sys
import time
from pathlib import Path

from cockpit.__main__ import run
from cockpit.flags.flagd.writer import FlagdFile

SLOW = 0.06
"""Seconds that it takes at most before the exchange, and after it."""


def slowly(self, change, exchange=FlagdFile._exchange):
    time.sleep(random.uniform(0, SLOW))
    exchange(self, change)
    time.sleep(random.uniform(0, SLOW))


def main():
    FlagdFile._exchange = slowly
    if sys.argv[1] != "watch":
        sys.exit(run(sys.argv[1:]))
    from cockpit.engine.opening import opened
    from cockpit.runtime.clock import Clock

    with opened(Path(sys.argv[2]), Clock(), None) as door:
        door.start()
        sys.stdin.read()


if __name__ == "__main__":
    main()
