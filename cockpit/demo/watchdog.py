"""The world's own end of its leash: a thread that sees when the world must end, and ends it where it does not.

A signal handler of the loop, or a task that reads stdin, would hear nothing while the loop is stuck.
"""

import contextlib
import os
import select
import signal
import threading
import time
from concurrent.futures import Future, InvalidStateError

HARD_SECONDS = 5.0
_LOOK_MS = 500


class Watchdog:
    """Made in the main thread: `let_go` is done once stdin ends, our parent is gone or SIGTERM came."""

    def __init__(self, patience: float = HARD_SECONDS) -> None:
        self.let_go: Future[None] = Future()
        self._patience = patience
        self._parent = os.getppid()
        self._heard, told = os.pipe()
        os.set_blocking(told, False)
        signal.signal(signal.SIGTERM, _heed)
        signal.set_wakeup_fd(told)  # written to as the signal comes, whatever the main thread does
        threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    def _run(self) -> None:
        self._wait()
        with contextlib.suppress(InvalidStateError):  # nobody waits for it any more
            self.let_go.set_result(None)
        time.sleep(self._patience)
        _end_hard()

    def _wait(self) -> None:
        """Wait for the first of the three; of stdin only its end, what is said there is another's."""
        poll = select.poll()
        poll.register(0, 0)
        poll.register(self._heard, select.POLLIN)
        while os.getppid() == self._parent and not poll.poll(_LOOK_MS):
            pass


def _heed(_number: int, _frame: object) -> None:
    """Keep the signal from killing us: the thread hears it."""


def _end_hard() -> None:
    """Kill our group, and with it the database, where it is ours; a shell's is not."""
    ours = os.getpgrp() == os.getpid()
    os.kill(0 if ours else os.getpid(), signal.SIGKILL)
