"""The service's own log of requests: one document each, with the request's id and the instance that answered."""

from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any

from msgspec import Struct

from cockpit.demo.world.document_writer import Document, Records

COLLECTION = "request_log"
REQUEST, INSTANCE = "requestId", "instance"
"""The fields of a document that say who wrote it."""

INSTANCES = ("concierge-1", "concierge-2")
HOURS, CALM_HOURS = 1.2, 0.35
"""So long requests that failed are kept, and so long the others, in hours of the plan."""

FAILED = 400
"""The least status of a request that failed."""


class Call(Struct, frozen=True):
    """One request as the service knows it: its id, and which instance answers."""

    id: str
    instance: str

    @property
    def marks(self) -> Mapping[str, str]:
        """What marks the documents that it writes."""
        return {REQUEST: self.id, INSTANCE: self.instance}


class RequestLog:
    """Numbers requests, shares them out among the instances, and writes each down."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._numbers = count(1)

    def begin(self) -> Call:
        """Return the next request."""
        number = next(self._numbers)
        return Call(f"req-{number:06}", INSTANCES[number % len(INSTANCES)])

    def note(  # noqa: PLR0913, PLR0917 (a request is told whole)
        self, call: Call, endpoint: str, status: int, seconds: float, now: datetime, flag: str, reply: Mapping[str, Any]
    ) -> None:
        """Write one answered request down."""
        method, path = endpoint.split(" ", 1)
        line: Document = {**call.marks, "method": method, "endpoint": path, "status": status, "ts": now, "flag": flag}
        wrong = {"error": {"code": reply.get("error", ""), "field": reply.get("field")}} if status >= FAILED else {}
        self._records.insert(COLLECTION, {**line, "duration": round(1000 * seconds, 1), **wrong})
