"""The mongo source: which collections hold what, by the names that the service's own database uses."""

import re
from collections.abc import Iterable
from dataclasses import fields

from cockpit.runtime.record import dataclass
from cockpit.settings.models.variant import Variant
from cockpit.settings.models.words import CLOSED, CRITICAL, HARMLESS, NOT_EXPOSED, UNKNOWN
from cockpit.settings.schema import fields as kit
from cockpit.settings.schema.secrets import Secret
from sessions.text.clean import clean

_LONGEST = 63
_FORBIDDEN = re.compile(r'[/\\. "$*<>:|?]')
"""What no database's name holds."""


@dataclass(frozen=True, slots=True)
class Events:
    """Analytics events, one document each."""

    collection: str = kit.text("Collection", "analytics_events")
    journey: str = kit.text("Field of the journey's id", "journey")
    at: str = kit.text("Field of the date", "ts")


@dataclass(frozen=True, slots=True)
class TriageLog:
    """The triage log."""

    collection: str = kit.text("Collection", "triage_log")
    level: str = kit.text("Field of the level", "level")
    critical: tuple[str, ...] = kit.texts("Levels that hold the gate, in any case", CRITICAL)
    harmless: tuple[str, ...] = kit.texts("Levels that are only counted, in any case", HARMLESS)
    unknown: str = kit.choice(
        "What an open line of any other level does: `hold` holds the gate, `tell` only reports it", UNKNOWN, "hold"
    )
    title: str = kit.text("Field of the title", "title")
    at: str = kit.text("Field of the date", "ts")
    resolved: str = kit.text("Field that is true once the line is resolved", "resolved")


@dataclass(frozen=True, slots=True)
class SupportQueue:
    """Support tickets."""

    collection: str = kit.text("Collection", "stylistTickets")
    status: str = kit.text("Field of the status", "status")
    open: tuple[str, ...] = kit.texts("Statuses that are open, in any case", ("open",))
    done: tuple[str, ...] = kit.texts("Statuses that are closed, in any case", CLOSED)
    unknown: str = kit.choice(
        "What a ticket of any other status does: `hold` holds the gate, `tell` only reports it", UNKNOWN, "hold"
    )
    at: str = kit.text("Field of the date", "createdAt")
    priority: str = kit.text("Field of the priority", "priority")
    escalated: str = kit.text("Field that is true for an escalated ticket", "escalated")
    title: str = kit.text("Field of the title", "title")
    closed: str = kit.text("Field of the closing date, for the sheets", "", '"closedAt"')


@dataclass(frozen=True, slots=True)
class CapsuleShelf:
    """Capsules."""

    collection: str = kit.text("Collection", "capsules")
    status: str = kit.text("Field of the status", "status")
    held: tuple[str, ...] = kit.texts("Statuses of a held capsule, in any case", ("held",))
    expires: str = kit.text("Field of the expiry date", "expiresAt")
    made: str = kit.text(
        "Field of the creation date, for the sheets; without it, the _id gives the date", "", '"createdAt"'
    )


@dataclass(frozen=True, slots=True)
class ReturnShelf:
    """Returns."""

    collection: str = kit.text("Collection", "returns")
    status: str = kit.text("Field of the status", "status")
    done: tuple[str, ...] = kit.texts(
        "Statuses that are done, in any case", ("refunded", "cancelled", "rejected", "closed")
    )
    moved: str = kit.text("Field of the date of the last change", "updatedAt")


@dataclass(frozen=True, slots=True)
class CsatAnswers:
    """CSAT answers."""

    collection: str = kit.text("Collection", "csat")
    score: str = kit.text("Field of the score, 1 to 5", "score")
    at: str = kit.text("Field of the date", "ts")
    words: str = kit.text("Field of the shopper's text, for the sheets", "", '"comment"')
    about: str = kit.text("Field of the endpoint or flow that it is about, for the sheets", "", '"flow"')


@dataclass(frozen=True, slots=True)
class Exposures:
    """Exposure events: who got the feature and who did not. Without a collection nothing is compared."""

    collection: str = kit.text("Collection", "", '"exposures"')
    user: str = kit.text("Field of the user's id", "userId")
    flag: str = kit.text("Field of the flag's name; empty if all events are about this flag", "flag")
    exposed: str = kit.text("Field that says whether the user has the flag", "exposed")
    on: tuple[str, ...] = kit.texts("Texts that mean yes, besides true, in any case", ("on", "true", "treatment"))
    off: tuple[str, ...] = kit.texts("Texts that mean no, besides false, in any case", NOT_EXPOSED)
    at: str = kit.text("Field of the date", "ts")
    span: float = kit.span("How far back users are counted; 0 means twelve windows of the plan", 0.0, "0s")


@dataclass(frozen=True, slots=True)
class RequestLog:
    """A log of requests, one document each: traffic where there are no metrics. Without a collection there is none."""

    collection: str = kit.text("Collection", "", '"request_log"')
    traffic: bool = kit.flag("Whether traffic is counted from it; with `false` only the sheets use it", default=True)
    method: str = kit.text("Field of the method; empty if the endpoint's field holds it", "method")
    endpoint: str = kit.text("Field of the endpoint", "endpoint")
    status: str = kit.text("Field of the status, a number", "status")
    duration: str = kit.text("Field of the duration", "duration")
    unit: str = kit.choice("Unit of the duration", ("s", "ms"), "ms")
    at: str = kit.text("Field of the date", "ts")
    variant: Variant = kit.one(Variant, "Who had the flag, by a field; true and false are read as these words")
    id: str = kit.text("Field of the request's id, for the sheets; without it, the document's _id", "", '"requestId"')
    instance: str = kit.text("Field of the instance that answered, for the sheets", "", '"pod"')
    error: str = kit.text("Field of the error in a word, for the sheets", "", '"error.code"')
    field: str = kit.text(
        "Field that names the part of the request that was wrong, for the sheets", "", '"error.field"'
    )

    @property
    def counts(self) -> bool:
        """Whether traffic is counted from it."""
        return bool(self.collection) and self.traffic


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What the sheets say of documents that are there twice."""

    at: str = kit.text("Field of the creation date; without it, that of `made`, or the _id", "", '"createdAt"')
    who: tuple[str, ...] = kit.texts("Fields that say who wrote the document", (), '["requestId", "instance"]')


TOPICS = ("journeys", "collections", "triage", "queue", "capsules", "returns", "csat")
"""What a database can be asked for, beside traffic."""


@dataclass(frozen=True, slots=True)
class Mongo:
    """`mongo`: a MongoDB, read-only."""

    uri: Secret = kit.address("Address of the server", '"${COCKPIT_MONGO_URI}"')
    database: str = kit.text("Database", example='"shop"')
    topics: tuple[str, ...] = kit.choices("Topics that it answers for", TOPICS, TOPICS)
    every: float = kit.span("How often it is asked; 0 uses the plan's cadence", 0.0, "0s")
    timeout: float = kit.span("Longest time for one answer; 0 uses the plan's deadline", 0.0, "0s")
    full_pass: float = kit.span("How often all documents are checked for duplicates", 3600.0, "1h", low=60.0)
    made: str = kit.text(
        "Field of the creation date in growing collections; without it, the _id gives the date", "", '"createdAt"'
    )
    events: Events = kit.one(Events, "Analytics events")
    triage: TriageLog = kit.one(TriageLog, "The triage log")
    tickets: SupportQueue = kit.one(SupportQueue, "Support tickets")
    capsules: CapsuleShelf = kit.one(CapsuleShelf, "Capsules")
    returns: ReturnShelf = kit.one(ReturnShelf, "Returns")
    csat: CsatAnswers = kit.one(CsatAnswers, "CSAT answers")
    requests: RequestLog = kit.one(RequestLog, "A log of requests, for traffic")
    exposures: Exposures = kit.one(Exposures, "Exposure events")
    duplicates: Duplicates = kit.one(Duplicates, "What the sheet shows of duplicate documents")

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield names that no collection or field can have: an operator never comes from outside."""
        if not self.uri:
            yield "uri", "is missing", 'write "${COCKPIT_MONGO_URI}"'
        if why := why_no_database(self.database):
            yield "database", why, "write the plain name"
        if why := why_no_name(self.made):
            yield "made", why, _PLAINLY
        for part in fields(self):
            nested = getattr(self, part.name)
            if isinstance(nested, PARTS):
                yield from ((f"{part.name}.{key}", why, hint) for key, why, hint in _unfit(nested))


PARTS = (Events, TriageLog, SupportQueue, CapsuleShelf, ReturnShelf, CsatAnswers, RequestLog, Exposures, Duplicates)
Part = (
    Events | TriageLog | SupportQueue | CapsuleShelf | ReturnShelf | CsatAnswers | RequestLog | Exposures | Duplicates
)

_PLAINLY = "write the plain name"
_MAY_BE_EMPTY = {
    (TriageLog, "harmless"),
    (SupportQueue, "done"),
    (SupportQueue, "closed"),
    (CapsuleShelf, "made"),
    (CsatAnswers, "words"),
    (CsatAnswers, "about"),
    (RequestLog, "collection"),
    (RequestLog, "method"),
    *((RequestLog, name) for name in ("id", "instance", "error", "field")),
    *((Duplicates, name) for name in ("at", "who")),
    (ReturnShelf, "done"),
    (Exposures, "collection"),
    (Exposures, "flag"),
    (Exposures, "on"),
    (Exposures, "off"),
}
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f]|\^[@-_?]|<U\+[0-9A-F]{4,6}>")
"""A character that is not printed, also in the words that were put in its place when the file was read."""


def _unfit(part: Part) -> Iterable[tuple[str, str, str]]:
    for item in fields(part):
        value: str | float | bool | tuple[str, ...] | Variant = getattr(part, item.name)
        if isinstance(value, Variant):
            yield from _unfit_variant(value)
            continue
        if isinstance(value, float | bool):
            continue
        if not value and (type(part), item.name) not in _MAY_BE_EMPTY:
            yield item.name, "is empty", "leave the key out for its default"
        elif isinstance(value, tuple):
            unfit = why_no_name if item.name == "who" else why_no_value
            for each in value:
                if why := unfit(each):
                    yield item.name, why, "write the plain value"
        elif item.name not in {"unit", "unknown"} and (why := why_no_name(value)):
            yield item.name, why, _PLAINLY


def _unfit_variant(variant: Variant) -> Iterable[tuple[str, str, str]]:
    if why := why_no_name(variant.label):
        yield "variant.label", why, _PLAINLY
    for name, value in (("on", variant.on), ("off", variant.off)):
        if value and (why := why_no_value(value)):
            yield f"variant.{name}", why, "write the plain value"


def why_no_name(value: str) -> str:
    """Say why a text cannot be the name of a collection or field; empty if it can, or if it is empty."""
    if any(part.startswith("$") for part in value.split(".")):
        return f'"{clean(value, 40)}" holds an operator'
    if value and (not all(value.split(".")) or _UNPRINTED.search(value) or value != value.strip()):
        return f'"{clean(value, 40)}" is no name'
    return ""


def why_no_value(value: str) -> str:
    """Say why a text cannot be a value to look for; empty if it can."""
    if value.startswith("$"):
        return f'"{clean(value, 40)}" holds an operator'
    return "" if value and not _UNPRINTED.search(value) else f'"{clean(value, 40)}" is no value'


def why_no_database(value: str) -> str:
    """Say why a text cannot be the name of a database; empty if it can."""
    if not value or len(value.encode()) > _LONGEST or _FORBIDDEN.search(value) or _UNPRINTED.search(value):
        return f'"{clean(value, 40)}" is no database'
    return ""
