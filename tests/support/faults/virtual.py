"""Time that passes only while nothing is left to do: hours of waiting in milliseconds, the same every time."""

import asyncio
import selectors
from datetime import timedelta

from cockpit.runtime.clock import Clock
from tests.support.build import T0


class _Jumping(selectors.DefaultSelector):
    """Waits for nobody: the time that would be waited for is added to the clock."""

    def __init__(self):
        super().__init__()
        self.passed = 0.0

    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("nothing is left to wait for")
        self.passed += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self):
        return self._jumping.passed


class VirtualClock(Clock):
    """The wall and the boot clock of a virtual loop, from T0 on."""

    def __init__(self, loop):
        self._loop = loop

    def now(self):
        return T0 + timedelta(seconds=self._loop.time())

    def boot(self):
        return self._loop.time()

    def machine(self):
        return "virtual"


def run_virtual(main):
    """Run `main(clock)` to its end in virtual time and return what it returns."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main(VirtualClock(loop)))
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
            loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        loop.close()
