"""The requests that a flag writer over HTTP makes, as an owner writes them down."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from cockpit.settings.schema import fields as kit
from cockpit.settings.schema.jmespath import unreadable
from cockpit.settings.schema.placeholders import places_in
from cockpit.settings.schema.secrets import Secret

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_READ = ("name",)
_WRITE = ("percent", "off", "share", "rest", "version", "comment")
_SWITCH = ("name", "on", "state", "comment")
_MOVES: Sequence[AbstractSet[str]] = ({"percent", "share"},)
_SWITCHES: Sequence[AbstractSet[str]] = ({"name"}, {"on", "state"})
"""What a change must say: one of each."""


@dataclass(frozen=True, slots=True)
class Write:
    """A request that changes something."""

    url: str = kit.url("What is asked", "", '"https://flags.example.org/api/flags/concierge"')
    method: str = kit.choice("Method", METHODS, "PUT")
    headers: Mapping[str, Secret] = kit.headers("Headers of this request alone", '{ If-Match = "{version}" }')
    body: object = kit.document("What is sent", '{ percent = "{percent}" }')
    status: tuple[int, ...] = kit.wholes("Statuses that mean done; none: any from 200 to 299", (), low=200, high=299)

    @property
    def places(self) -> frozenset[str]:
        """The names of all places in it."""
        headers = {name: secret.template for name, secret in self.headers.items()}
        return frozenset(places_in([self.url, headers, self.body]))


@dataclass(frozen=True, slots=True)
class SwitchWrite(Write):
    """A request that sets the switch `{name}`."""

    url: str = kit.url("What is asked, with `{name}`", "", '"https://flags.example.org/api/flags/{name}"')
    body: object = kit.document("What is sent, with `{on}` or `{state}`", '{ on = "{on}" }')


@dataclass(frozen=True, slots=True)
class Read:
    """A request whose JSON answer says the percentage."""

    url: str = kit.url("What is asked", "", '"https://flags.example.org/api/flags/concierge"')
    method: str = kit.choice("Method", ("GET", "POST"), "GET")
    body: object = kit.document("What is sent with POST")
    percent: str = kit.text("JMESPath of the share", "percent")
    whole: float = kit.number("The share that means everybody: 1, 100, 1000 ...", 100.0, low=1e-9)
    version: str = kit.text("JMESPath of what changes with every change", "", '"version"')
    by: str = kit.text("JMESPath of who changed it last", "", '"updatedBy.email"')
    changed_at: str = kit.text("JMESPath of when that was, ISO 8601 or seconds", "", '"updatedAt"')


@dataclass(frozen=True, slots=True)
class SwitchRead:
    """A request whose JSON answer says whether the switch `{name}` is on."""

    url: str = kit.url("What is asked, with `{name}`", "", '"https://flags.example.org/api/flags/{name}"')
    on: str = kit.text("JMESPath of true or false", "on")


def problems_of_write(key: str, write: Write, *, switch: bool = False) -> Iterable[tuple[str, str, str]]:
    """Yield places that nothing fills, and a change that says no percentage or no switch."""
    known = _SWITCH if switch else _WRITE
    for place in sorted(write.places - set(known)):
        yield key, f"{{{place}}} is no place of it", f"write any of {', '.join(f'{{{name}}}' for name in known)}"
    if write.url and not all(either & write.places for either in (_SWITCHES if switch else _MOVES)):
        hint = "write {name}, and {on} or {state}" if switch else "write {percent} in its body or address"
        yield key, "does not say what to change", hint


def problems_of_reads(read: Read, switch: SwitchRead) -> Iterable[tuple[str, str, str]]:
    """Yield expressions that nobody can read, and places that nothing fills."""
    asked = {"percent": read.percent, "version": read.version, "by": read.by, "changed_at": read.changed_at}
    yield from unreadable({f"read.{key}": text for key, text in asked.items() if text or key == "percent"})
    if switch.url:
        yield from unreadable({"switch_read.on": switch.on})
        if tuple(places_in(switch.url)) != _READ:
            yield "switch_read.url", "does not name one switch", "write {name} in it"
    for place in places_in([read.url, read.body]):
        yield "read", f"{{{place}}} is no place of it", "a reading has none"
