"""When one request left and the head of its answer was here: by that alone another machine's clock is measured.

Looking a name up, connecting, greeting by TLS and waiting for a connection come before, reading the body after it.
"""

import time
from datetime import datetime, timedelta
from typing import Any

import httpx
from msgspec import Struct


def steady() -> float:
    """Return the seconds of a clock that cannot be moved."""
    return time.perf_counter()


class Exchange(Struct, frozen=True):
    """From when to when one request was under way, in s of the steady clock."""

    sent: float
    answered: float


class Moment(Struct, frozen=True):
    """A time of the wall clock, and what the steady clock read just then."""

    now: datetime
    steady: float

    def at(self, steady: float) -> datetime:
        """Return the wall clock's time when the steady clock read that."""
        return self.now + timedelta(seconds=steady - self.steady)


async def send(client: httpx.AsyncClient, request: httpx.Request) -> tuple[httpx.Response, Exchange]:
    """Return an answer whose body is not read yet, and when it was asked for. A redirect is not followed."""
    times = {"sent": steady()}

    async def trace(event: str, _: dict[str, Any]) -> None:
        if event.endswith("send_request_headers.started"):
            times["sent"] = steady()
        elif event.endswith("receive_response_headers.complete"):
            times["answered"] = steady()

    request.extensions = {**request.extensions, "trace": trace}
    response = await client.send(request, stream=True, follow_redirects=False)
    return response, Exchange(times["sent"], times.get("answered", steady()))


def ahead(stamp: float, grain: float, exchange: Exchange, moment: Moment) -> float:
    """Return by how many seconds at least a clock is before ours; behind it is negative, 0 if it may agree.

    It read `stamp` (epoch seconds, cut to `grain` s) within the exchange: what may come from that is no difference.
    """
    least = stamp - moment.at(exchange.answered).timestamp()
    most = stamp + grain - moment.at(exchange.sent).timestamp()
    return least if least > 0 else min(0.0, most)
