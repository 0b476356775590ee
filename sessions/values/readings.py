"""What was measured, typed. `at` is when the source measured (UTC), never when we asked or stored."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from sessions.values.flag_value import FlagValue


class Topic(StrEnum):
    """What a source can answer for; each is fresh or not on its own."""

    TRAFFIC = "traffic"
    JOURNEYS = "journeys"
    COLLECTIONS = "collections"
    TRIAGE = "triage"
    ALERTS = "alerts"
    QUEUE = "queue"
    CAPSULES = "capsules"
    RETURNS = "returns"
    CSAT = "csat"
    FLAG = "flag"
    EXPOSURE = "exposure"


class Grain(StrEnum):
    """How much time one traffic reading covers: a judged window, or the last minute."""

    WINDOW = "window"
    MINUTE = "minute"


class Pulse(Struct, frozen=True):
    """One attempt of a source at one topic: it answered in `took_ms`, or it failed with a cleaned `reason`.

    `newest` is the time of the newest datum behind the answer (data latency); `unreadable` of `total` documents were
    skipped as malformed; `note` is a cleaned word about an answer that is good and has a weak side. `holds` is for how
    many seconds it stands by the pace that the source really keeps, 0 where the plan's bound is all there is.
    """

    source: str
    at: datetime
    topic: Topic
    ok: bool
    reason: str = ""
    took_ms: float = 0.0
    newest: datetime | None = None
    unreadable: int = 0
    total: int = 0
    note: str = ""
    holds: float = 0.0


class Side(Struct, frozen=True):
    """Requests of one endpoint with the flag, or without it; the figures mean what those of `Traffic` mean.

    `errors` is None where nobody can tell.
    """

    requests: float
    errors: float | None
    p95_ms: float | None = None
    over: float | None = None
    p95_capped: bool = False


class Split(Struct, frozen=True):
    """The same requests by the label that says who had the flag; `neither` is how many it says neither of."""

    on: Side
    off: Side
    neither: float = 0.0


class Traffic(Struct, frozen=True):
    """Requests of one endpoint in `start`..`end`: `errors` are 5xx, `p95_ms` is None where none was timed.

    `refused` are 4xx: requests, but nothing came of them.

    `covered` is the share 0..1 of the span that samples vouch for; `p95_capped` says that the p95 fell above the
    highest finite bucket. While `at < end` it is the running window. `bucket_ms` is the (low, high) range of the bucket
    that the p95 lies in, None where it was measured exactly or nobody can tell; `over` is the share 0..1 of timed
    requests over the plan's bound, None where nobody can tell, as where that is no bucket's edge; `backfilled` says
    that it was asked for only after a time when nobody watched. `no_p95` is why requests that were timed have none,
    where the source knows. `split` is None where nothing says who had the flag; nothing is judged by it.
    """

    source: str
    at: datetime
    endpoint: str
    grain: Grain
    start: datetime
    end: datetime
    requests: float
    errors: float
    p95_ms: float | None
    covered: float = 1.0
    p95_capped: bool = False
    reset: bool = False
    bucket_ms: tuple[float, float] | None = None
    over: float | None = None
    backfilled: bool = False
    no_p95: str = ""
    refused: float = 0.0
    split: Split | None = None

    @property
    def served(self) -> float:
        """The requests that something came of, and an event with it: all but the refused ones."""
        left = self.requests - self.refused
        return 0.0 if left < min(_ONE, self.requests) else left


_ONE = 0.5
"""Less than half a request is the rounding of two figures that were taken apart."""

Spans = tuple[tuple[datetime, datetime], ...]
"""Stretches of time, oldest first."""


class Chain(Struct, frozen=True, array_like=True):
    """Readings with requests that lie close together: from when until when, and up to where the next one may begin.

    `first` is the one that ends first, `last` the one that begins last; any stretch of `sure` s inside holds one.
    """

    since: datetime
    until: datetime
    reach: datetime
    first: tuple[datetime, datetime]
    last: tuple[datetime, datetime]
    sure: float


class Hour(Struct, frozen=True, omit_defaults=True):
    """What readings measured up to `at` say of one hour: `quiet` were whole windows without a request, `calm` minutes.

    `used` were windows with requests, `heavy` those with many; `chains` are the minutes that had some.
    """

    at: datetime
    quiet: Spans = ()
    used: Spans = ()
    heavy: Spans = ()
    calm: Spans = ()
    chains: tuple[Chain, ...] = ()


class Traces(Struct, frozen=True):
    """What is left of an endpoint's minutes in the hour from `since` on, once they are too many to be kept."""

    source: str
    at: datetime
    endpoint: str
    since: datetime
    hour: Hour


class Beat(Struct, frozen=True):
    """Events of one journey since `since`: the `newest` (None: none in reach), and every gap over the plan's bound.

    A gap is (start, end) between two events that follow each other; the first of all is preceded by the first look.
    `looked` are the stretches that were looked through for all of their gaps: one that was told before, and is not told
    now, is none any more. `usual` is the longest gap in s that is no wonder by the pace of the newest events, 0 where
    nobody asked for it.
    """

    source: str
    at: datetime
    journey: str
    since: datetime
    newest: datetime | None
    count: int
    gaps: tuple[tuple[datetime, datetime], ...] = ()
    looked: tuple[tuple[datetime, datetime], ...] = ()
    usual: float = 0.0


class Size(Struct, frozen=True):
    """One collection: its document count and how many documents share a business key with an older one.

    `holds` is for how many seconds it stands by the pace at which the collection is really looked through.
    """

    source: str
    at: datetime
    collection: str
    count: int
    duplicates: int
    examples: tuple[str, ...] = ()
    holds: float = 0.0


class TriageLine(Struct, frozen=True):
    """One critical line of the triage log."""

    id: str
    at: datetime
    title: str
    open: bool


class Triage(Struct, frozen=True):
    """The triage log: every critical line that is open or young, newest first.

    `doubt` says, cleaned, why there may be others; empty where these are all.
    """

    source: str
    at: datetime
    critical: tuple[TriageLine, ...]
    lines: int
    doubt: str = ""


class Alerts(Struct, frozen=True):
    """What an alert manager says is wrong now: the alerts that count as incidents, newest first; how many fire.

    `doubt` says, cleaned, why there may be others; empty where these are all.
    """

    source: str
    at: datetime
    critical: tuple[TriageLine, ...]
    firing: int
    doubt: str = ""


class Run(Struct, frozen=True):
    """One run of a synthetic journey or of an activity's command, as far as it came; the newest replaces the older.

    `name` is the task that ran it, or the source where it runs on an interval; `id` is the run's own, `lines` what it
    did so far (cleaned), the last one how it ended. `journey` is the plan's journey whose traffic it proves, empty for
    none; `sent` is when the service had answered all its requests as wanted, None before and where it did not.
    """

    source: str
    at: datetime
    name: str
    id: str
    begun: datetime
    lines: tuple[str, ...]
    done: bool = False
    ok: bool = False
    journey: str = ""
    sent: datetime | None = None


class Tickets(Struct, frozen=True):
    """The support queue: open tickets by priority, the oldest one's date, escalations, the newest titles (cleaned).

    `doubt` says, cleaned, why there may be more that are open; empty where these are all.
    """

    source: str
    at: datetime
    open: int
    oldest: datetime | None
    priorities: tuple[tuple[str, int], ...]
    escalated: int
    titles: tuple[str, ...] = ()
    doubt: str = ""


class Capsules(Struct, frozen=True):
    """Capsules held, those that expire within the plan's span, and those already past their date."""

    source: str
    at: datetime
    held: int
    expiring: int
    expired: int
    next_expiry: datetime | None


class Returns(Struct, frozen=True):
    """Returns by status, and how many have not moved for longer than the plan allows."""

    source: str
    at: datetime
    statuses: tuple[tuple[str, int], ...]
    open: int
    stuck: int


class Csat(Struct, frozen=True):
    """CSAT answers in the plan's span: how many, how many low (<= 2 of 5)."""

    source: str
    at: datetime
    answers: int
    low: int


class Exposure(Struct, frozen=True):
    """Users met since `since`: `users` in all, `exposed` of them with the flag; `newest` is the newest event.

    `later` holds the same counts (since, users, exposed) from later moments on, the earliest first.
    """

    source: str
    at: datetime
    since: datetime
    users: int
    exposed: int
    newest: datetime | None = None
    later: tuple[tuple[datetime, int, int], ...] = ()


class Turn(Struct, frozen=True):
    """The newest turn of what flaps, `name` as `verdict.latency`: to which word, and how often it turned in all."""

    source: str
    at: datetime
    name: str
    word: str
    times: int


Reading = (
    Pulse
    | Traffic
    | Traces
    | Beat
    | Size
    | Triage
    | Alerts
    | Run
    | Tickets
    | Capsules
    | Returns
    | Csat
    | FlagValue
    | Exposure
    | Turn
)
