"""Whether a collection is a log of requests, by the shape of its documents, and what is a guess."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from msgspec import Struct

from cockpit.setup.found import Doubt
from cockpit.setup.look.shelf import Shelf, is_date, is_number, is_text, last

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_ENDPOINT = ("endpoint", "route", "path", "url", "uri", "operation", "urlrule", "target")
_METHOD = ("method", "verb", "httpmethod", "requestmethod")
_STATUS = ("status", "statuscode", "code", "responsestatus", "httpstatus", "responsecode")
_DURATION = (
    *("duration", "durationms", "elapsedms", "tookms", "responsetime", "ms", "elapsed", "latency", "took"),
    *("responsetimems", "latencyms", "durations", "tooks", "elapseds", "seconds", "durationseconds"),
)
_PLAIN = ("duration", "elapsed", "latency", "took")
"""Names that do not say their unit."""
_DATE = (
    *("ts", "timestamp", "at", "time", "date", "when", "finished", "finishedat", "ended", "endedat"),
    *("createdat", "created", "insertedat", "occurredat", "loggedat", "started", "startedat"),
)
_USER = ("user", "userid", "by", "customer", "customerid", "account", "accountid", "uid", "sub", "client", "clientid")
_IDS = ("requestid", "reqid", "traceid", "correlationid")
_CODES = frozenset(int(code) for code in HTTPStatus)
_EPOCH = (1e9, 1e11, 1e14)
"""Seconds of an epoch lie between the first two, milliseconds between the last."""
_SURE_SECONDS, _SURE_MS = 5.0, 60.0


class Log(Struct, frozen=True):
    """What a collection says of requests: the keys where it is a log, else `why` it is none that can be taken.

    `remarks` tell what was chosen among several or guessed; `variants` are its fields of yes and no.
    """

    keys: Mapping[str, object] | None = None
    why: str = ""
    remarks: tuple[Doubt, ...] = ()
    variants: tuple[str, ...] = ()
    user: str = ""


def request_log(shelf: Shelf) -> Log:
    """Look at a collection's documents; no document makes it raise."""
    flat, told = shelf.flat, list[Doubt]()
    paths = flat.fields(_is_path) or _named(flat.fields(_has_path), _ENDPOINT)
    endpoint = _pick("endpoint", paths, _ENDPOINT, told)
    method = _pick("method", flat.fields(_is_method), _METHOD, told)
    if not endpoint:
        return Log()
    status = _status(flat, told)
    duration = _duration(flat, status, told)
    at = _pick("at", flat.fields(is_date), _DATE, told)
    if not (status and duration and at):
        sure = method or (status and duration)
        return Log(why=_lacks(flat, status, duration, at)) if sure else Log()
    unit, doubt = _unit(flat, duration)
    if not unit:
        return Log(why=doubt)
    keys = {"method": method, "endpoint": endpoint, "status": status, "duration": duration, "unit": unit, "at": at}
    ids = _named(flat.fields(is_text), _IDS)[:1]
    remarks = (*told, *([Doubt(doubt, (("unit", "ms" if unit == "s" else "s"),))] if doubt else []))
    user = next(iter(_named(flat.fields(_is_user), _USER)), "")
    variants = flat.fields(lambda value: isinstance(value, bool))
    return Log({**keys, **({"id": ids[0]} if ids else {})}, "", remarks, variants, user)


def _pick(what: str, there: Sequence[str], names: Sequence[str], told: list[Doubt]) -> str:
    """Take the only one, else choose by name; say if others fit too."""
    best = [*_named(there, names), *there][:1]
    others = [name for name in there if name not in best]
    if others:
        text = f"{what}: {best[0]} is taken, {', '.join(others[:4])} would fit too"
        told.append(Doubt(text, tuple((what, name) for name in others[:4])))
    return best[0] if best else ""


def _named(there: Sequence[str], names: Sequence[str]) -> list[str]:
    return [path for name in names for path in there if last(path) == name]


def _status(flat: Shelf, told: list[Doubt]) -> str:
    """A field of that name with numbers from 100 to 599, else one that holds nothing but codes of HTTP."""
    named = _named(flat.fields(_is_status), _STATUS)
    coded = [name for name in flat.fields(_is_code) if name not in named and not _suffix(name)]
    return _pick("status", [*named, *coded], _STATUS, told)


def _duration(flat: Shelf, status: str, told: list[Doubt]) -> str:
    """Find the duration by its name or unit; else take the only other number, and say that it is a guess."""
    numbers = [name for name in flat.fields(_is_duration) if name != status and not _epochs(flat, name)]
    known = list(dict.fromkeys([*_named(numbers, _DURATION), *(name for name in numbers if _suffix(name))]))
    if known:
        return _pick("duration", known, _DURATION, told)
    if len(numbers) == 1:
        told.append(Doubt(f"duration: {numbers[0]} is taken because no other number is there"))
        return numbers[0]
    return ""


def _lacks(flat: Shelf, status: str, duration: str, at: str) -> str:
    """Say what a request log lacks, and what it has instead, if known."""
    if not at and (odd := _no_date(flat)):
        return f"{odd}: only a date of the database can be asked by time: let the service write one"
    numbers = [name for name in flat.fields(_is_duration) if name != status and not _epochs(flat, name)]
    among = f" (which of {', '.join(numbers[:4])}?)" if len(numbers) > 1 and not duration else ""
    lacks = [what for what, name in (("status", status), (f"duration{among}", duration), ("date", at)) if not name]
    return f"no {' and no '.join(lacks)} is found: name its fields by hand in cockpit.toml"


def _no_date(flat: Shelf) -> str:
    for name in flat.fields(is_number):
        if unit := _epochs(flat, name):
            return f"{name} holds {unit} since 1970"
    texts = _named(flat.fields(_is_iso), _DATE) or list(flat.fields(_is_iso))
    return f"{texts[0]} holds a date as text" if texts else ""


def _epochs(flat: Shelf, name: str) -> str:
    values = list(_values(flat, name))
    low, mid, high = _EPOCH
    if values and all(low <= value < mid for value in values):
        return "seconds"
    return "milliseconds" if values and all(mid <= value < high for value in values) else ""


def _unit(flat: Shelf, duration: str) -> tuple[str, str]:
    """Return the unit and what is in doubt about it; no unit where the source cannot take it."""
    if (said := _suffix(duration)) in {"s", "ms"}:
        return said, ""
    if said:
        return "", f"{duration} is in {said}, only s and ms can be taken: let the service write one of them"
    name, values = last(duration), list(_values(flat, duration))
    parts = any(value != int(value) for value in values)
    unit = "s" if parts and max(values) < _SURE_MS and (name in _PLAIN or max(values) < _SURE_SECONDS) else "ms"
    sure = name == "responsetime" or (unit == "s" and max(values) < _SURE_SECONDS) or max(values) >= _SURE_MS
    return unit, "" if sure else f"unit: {duration} reaches {max(values):g}, {unit} is a guess: set unit if it is wrong"


def _suffix(path: str) -> str:
    """Return the unit that a name ends with; empty if it says none."""
    name = path.rpartition(".")[2]
    for unit, ends in _UNITS.items():
        if name.lower() in ends or name.lower().endswith(tuple(f"_{end}" for end in ends)):
            return unit
        if name.endswith(tuple(end.capitalize() for end in ends if len(end) > 1)):
            return unit
    return ""


_UNITS = {
    "ms": ("ms", "msec", "millis", "milliseconds"),
    "us": ("us", "usec", "micros", "microseconds"),
    "ns": ("ns", "nanos", "nanoseconds"),
    "s": ("s", "sec", "secs", "seconds"),
}


def _values(flat: Shelf, field: str) -> Iterator[float]:
    return (one[field] for one in flat.documents if is_number(one.get(field)))


def _is_path(value: Any) -> bool:
    """A path, or a method with one."""
    if not isinstance(value, str) or len(value) > 200:
        return False
    method, _, path = value.rpartition(" ")
    return path.startswith("/") and (not method or method.upper() in _METHODS)


def _has_path(value: Any) -> bool:
    return is_text(value) and "/" in value


def _is_method(value: Any) -> bool:
    return isinstance(value, str) and value.upper() in _METHODS


def _is_status(value: Any) -> bool:
    return is_number(value) and 100 <= value <= 599 and value == int(value)


def _is_code(value: Any) -> bool:
    return is_number(value) and value in _CODES


def _is_duration(value: Any) -> bool:
    return is_number(value) and 0 <= value < float("inf")


def _is_user(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _is_iso(value: Any) -> bool:
    return (
        isinstance(value, str) and len(value) >= 19 and value[4:5] == "-" and value[10] in "T " and value[:4].isdigit()
    )
