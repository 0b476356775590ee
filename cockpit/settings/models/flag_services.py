"""The kinds of place that a flag can live in with a service or a program behind them."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import ClassVar

from cockpit.runtime.record import dataclass
from cockpit.settings.models.flag_providers import NAME, Problems, missing, timeout
from cockpit.settings.schema import fields as kit
from cockpit.settings.schema.http_access import Reach
from cockpit.settings.schema.jmespath import unreadable
from cockpit.settings.schema.placeholders import places_in
from cockpit.settings.schema.proxy import NO_PROXY, PROXY, problems_of_hosts
from cockpit.settings.schema.secrets import Secret
from sessions.values.percent import DECIMALS

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_READ = ("name", "id")
FINEST = "How many decimals the percentage may have: 0, 1 or 2"
_WRITE = ("percent", "off", "share", "rest", "version", "comment")
_SWITCH = ("name", "id", "on", "state", "comment")
_MOVES: Sequence[AbstractSet[str]] = ({"percent", "share"},)
_SWITCHES: Sequence[AbstractSet[str]] = ({"name", "id"}, {"on", "state"})
"""What a change must say: one of each."""


@dataclass(frozen=True, slots=True)
class Write:
    """A request that changes something."""

    url: str = kit.url("What is asked", "", '"https://flags.example.org/api/flags/concierge"')
    method: str = kit.choice("Method", METHODS, "PUT")
    headers: Mapping[str, Secret] = kit.headers("Headers of this request only", '{ If-Match = "{version}" }')
    body: object = kit.document("What is sent", '{ percent = "{percent}" }')
    status: tuple[int, ...] = kit.wholes("Statuses that mean done; without any, 200 to 299", (), low=200, high=299)

    @property
    def places(self) -> frozenset[str]:
        """The names of all places in it."""
        headers = {name: secret.template for name, secret in self.headers.items()}
        return frozenset(places_in([self.url, headers, self.body]))


@dataclass(frozen=True, slots=True)
class SwitchWrite(Write):
    """A request that sets the switch `{name}`."""

    url: str = kit.url("Address, with `{name}` or `{id}`", "", '"https://flags.example.org/api/flags/{name}"')
    body: object = kit.document("Body to send, with `{on}` or `{state}`", '{ on = "{on}" }')


@dataclass(frozen=True, slots=True)
class Read:
    """A request whose JSON answer says the percentage."""

    url: str = kit.url("What is asked", "", '"https://flags.example.org/api/flags/concierge"')
    method: str = kit.choice("Method", ("GET", "POST"), "GET")
    body: object = kit.document("What is sent with POST")
    percent: str = kit.text("JMESPath of the share", "percent")
    whole: float = kit.number("The share that means all users: 1, 100, 1000 ...", 100.0, low=1e-9)
    version: str = kit.text("JMESPath of the version, which changes with every change", "", '"version"')
    by: str = kit.text("JMESPath of who changed it last", "", '"updatedBy.email"')
    changed_at: str = kit.text("JMESPath of the time of that change, ISO 8601 or seconds", "", '"updatedAt"')


@dataclass(frozen=True, slots=True)
class SwitchRead:
    """A request whose JSON answer says whether the switch `{name}` is on."""

    url: str = kit.url("Address, with `{name}` or `{id}`", "", '"https://flags.example.org/api/flags/{name}"')
    on: str = kit.text("JMESPath of true or false", "on")


def problems_of_write(key: str, write: Write, *, switch: bool = False) -> Iterable[tuple[str, str, str]]:
    """Yield places that nothing fills, and a change that says no percentage or no switch."""
    known = _SWITCH if switch else _WRITE
    for place in sorted(write.places - set(known)):
        yield key, f"{{{place}}} is no place of it", f"write any of {', '.join(f'{{{name}}}' for name in known)}"
    if write.url and not all(either & write.places for either in (_SWITCHES if switch else _MOVES)):
        hint = "write {name} or {id}, and {on} or {state}" if switch else "write {percent} in its body or address"
        yield key, "does not say what to change", hint


def problems_of_reads(read: Read, switch: SwitchRead) -> Iterable[tuple[str, str, str]]:
    """Yield expressions that cannot be read, and placeholders that nothing fills."""
    asked = {"percent": read.percent, "version": read.version, "by": read.by, "changed_at": read.changed_at}
    yield from unreadable({f"read.{key}": text for key, text in asked.items() if text or key == "percent"})
    if switch.url:
        yield from unreadable({"switch_read.on": switch.on})
        if len(named := tuple(places_in(switch.url))) != 1 or named[0] not in _READ:
            yield "switch_read.url", "does not name one switch", "write {name} in it, or {id} of ids"
    for place in places_in([read.url, read.body]):
        yield "read", f"{{{place}}} is no place of it", "a reading has none"


@dataclass(frozen=True, slots=True)
class Unleash:
    """`unleash`: the gradual rollout of one environment, by the admin API."""

    decimals: ClassVar[int] = 0
    """A gradual rollout is a whole percentage: its SDKs share users out among 100 places."""

    url: str = kit.url("Address of Unleash, without /api; required", "", '"https://unleash.example.org"')
    token: Secret = kit.secret("Admin token; required", '"${UNLEASH_TOKEN}"')
    client_token: Secret = kit.secret(
        "Client token of the environment; with it the cockpit checks what SDKs receive", '"${UNLEASH_CLIENT_TOKEN}"'
    )
    project: str = kit.text("Project", "default")
    environment: str = kit.text("Environment; required", "", '"production"')
    name: str = kit.text(NAME, "")
    timeout: float = timeout()
    strategy: str = kit.text("Id of the strategy, if there are several, or if it is narrowed on purpose", "")
    headers: Mapping[str, Secret] = kit.headers("Further request headers")
    ca_file: str = kit.text(
        "PEM file with the certificates to trust instead of the system's", "", '"/etc/ssl/shop.pem"'
    )
    proxy: Secret = kit.proxy(PROXY, '"http://proxy.example.org:3128"')
    no_proxy: tuple[str, ...] = kit.texts(NO_PROXY, (), '["shop.internal"]')

    def problems(self) -> Problems:
        """Yield what is missing."""
        yield from missing(url=self.url, token=self.token, project=self.project, environment=self.environment)
        yield from problems_of_hosts(self.no_proxy)


@dataclass(frozen=True, slots=True)
class LaunchDarkly:
    """`launchdarkly`: the percentage rollout of one environment, by semantic patch."""

    decimals: ClassVar[int] = DECIMALS
    """Weights are thousandths of a percent."""

    url: str = kit.url("Address of LaunchDarkly, without /api", "https://app.launchdarkly.com")
    token: Secret = kit.secret("Access token that may write; required", '"${LAUNCHDARKLY_TOKEN}"')
    project: str = kit.text("Project", "default")
    environment: str = kit.text("Environment; required", "", '"production"')
    name: str = kit.text(NAME, "")
    timeout: float = timeout()
    rule: str = kit.text("Id of the rule with the rollout; without it, the default rule", "")
    on: str = kit.text("Name of the variation that shows the feature; without it, the one that is true", "")
    off: str = kit.text("Name of the variation that hides it; without it, the one that is false", "")
    context_kind: str = kit.text("Kind of context that users are divided by, if no rollout says it yet", "", '"user"')
    bucket_by: str = kit.text("Attribute that users are divided by, if no rollout says it yet", "", '"key"')
    prerequisites: tuple[str, ...] = kit.texts("Prerequisites that you intend", (), '["checkout"]')
    turn_on: bool = kit.flag("Whether a move above 0 % turns on a flag that is off", default=False)
    headers: Mapping[str, Secret] = kit.headers("Further request headers")
    ca_file: str = kit.text(
        "PEM file with the certificates to trust instead of the system's", "", '"/etc/ssl/shop.pem"'
    )
    proxy: Secret = kit.proxy(PROXY, '"http://proxy.example.org:3128"')
    no_proxy: tuple[str, ...] = kit.texts(NO_PROXY, (), '["shop.internal"]')

    def problems(self) -> Problems:
        """Yield what is missing or contradicts itself."""
        yield from missing(token=self.token, project=self.project, environment=self.environment)
        if bool(self.on) != bool(self.off):
            yield "on", "and off belong together", "name both variations or none"
        yield from problems_of_hosts(self.no_proxy)


@dataclass(frozen=True, slots=True)
class Http(Reach):
    """`http`: any API with a request that reads the share and one that sets it."""

    name: str = kit.text(NAME, "")
    timeout: float = timeout()
    read: Read = kit.one(Read, "How the share is read")
    write: Write = kit.one(Write, "How the share is set")
    ids: Mapping[str, str] = kit.pairs(
        "The API's id of each switch, filled in as `{id}`, if it is not the plan's name",
        '{ sla-message = "679" }',
    )
    switch_read: SwitchRead = kit.one(SwitchRead, "How a switch is read; without it, its state is unknown")
    switch_write: SwitchWrite = kit.one(SwitchWrite, "How a switch is set; without it you do it by hand")
    decimals: int = kit.whole(FINEST, 0, low=0, high=DECIMALS)

    def problems(self) -> Problems:
        """Yield what contradicts itself."""
        yield from Reach.problems(self)
        yield from problems_of_reads(self.read, self.switch_read)
        yield from problems_of_write("write", self.write)
        yield from problems_of_write("switch_write", self.switch_write, switch=True)
        if self.ids and not self.knows_by_id:
            yield "ids", "are asked for by nothing", "write {id} in the address of switch_read and switch_write"

    @property
    def knows_by_id(self) -> bool:
        """Whether a switch is asked for by what the API calls it."""
        return "id" in {*places_in(self.switch_read.url), *self.switch_write.places}

    def lacks(self) -> Problems:
        """Yield what is missing to carry the percentage; one that takes switches alone needs none of it."""
        yield from missing(**{"read.url": self.read.url, "write.url": self.write.url})


@dataclass(frozen=True, slots=True)
class Command:
    """`command`: a program of yours, without a shell."""

    name: str = kit.text(NAME, "")
    timeout: float = timeout()
    read: tuple[str, ...] = kit.argv("Prints the share: a number, or JSON", (), '["flagctl", "get"]')
    percent: str = kit.text("JMESPath of the share in JSON", "percent")
    version: str = kit.text("JMESPath of the version, which changes with every change", "", '"version"')
    whole: float = kit.number("The share that means all users: 1, 100, 1000 ...", 100.0, low=1e-9)
    write: tuple[str, ...] = kit.argv(
        "Sets it, with `{percent}` or `{share}` of `whole`", (), '["flagctl", "{percent}"]'
    )
    switch_read: tuple[str, ...] = kit.argv("Prints true or false for the switch `{name}`", ())
    switch_write: tuple[str, ...] = kit.argv("Sets the switch `{name}` to `{on}`: true or false", ())
    decimals: int = kit.whole(FINEST, 0, low=0, high=DECIMALS)

    def problems(self) -> Problems:
        """Yield what says nothing."""
        yield from unreadable({"percent": self.percent, **({"version": self.version} if self.version else {})})
        yield from _unsaid("write", self.write, ("percent", "share"))
        for key, argv in (("switch_read", self.switch_read), ("switch_write", self.switch_write)):
            yield from _unsaid(key, argv, ("name",))
        yield from _unsaid("switch_write", self.switch_write, ("on", "state"))

    def lacks(self) -> Problems:
        """Yield what is missing to carry the percentage; one that takes switches alone needs none of it."""
        yield from missing(read=self.read, write=self.write)


def _unsaid(key: str, argv: tuple[str, ...], either: tuple[str, ...]) -> Problems:
    if argv and not set(either) & set(places_in(argv)):
        yield key, f"lacks {' or '.join(f'{{{place}}}' for place in either)}", "write it as an argument"
