"""What drivers write into the log: warnings at most, each as one line without secrets."""

import logging
from collections.abc import Callable

DRIVERS = ("httpx", "httpcore", "pymongo")
_LOG = logging.getLogger(__name__)


class Masked(logging.Handler):
    """Passes a driver's record on as one masked line, without the traceback: its frames hold addresses."""

    def __init__(self, scrub: Callable[[str], str]) -> None:
        super().__init__(logging.WARNING)
        self._scrub = scrub

    def emit(self, record: logging.LogRecord) -> None:
        """Pass it on."""
        why = f" ({record.exc_info[0].__name__})" if record.exc_info and record.exc_info[0] else ""
        _LOG.log(record.levelno, "%s: %s%s", record.name, self._scrub(record.getMessage()), why)


def quieten_drivers(scrub: Callable[[str], str]) -> None:
    """Send the log of every driver through one masked line; this replaces what an earlier call set up."""
    for name in DRIVERS:
        driver = logging.getLogger(name)
        driver.setLevel(logging.WARNING)
        driver.propagate = False
        driver.handlers = [Masked(scrub)]
