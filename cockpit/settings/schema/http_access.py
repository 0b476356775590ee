"""How any source or flag writer reaches a server over HTTP."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from cockpit.runtime.record import dataclass
from cockpit.settings.schema import fields as kit
from cockpit.settings.schema.proxy import NO_PROXY, PROXY, problems_of_hosts
from cockpit.settings.schema.secrets import Secret
from cockpit.settings.schema.shapes import Rules, not_beside, together


@dataclass(frozen=True, slots=True)
class Reach:
    """Credentials and trust."""

    token: Secret = kit.secret("Bearer token", '"${PROMETHEUS_TOKEN}"')
    user: str = kit.text("User of basic authentication", "", '"12345"')
    password: Secret = kit.secret("Password of basic authentication", '"${PROMETHEUS_PASSWORD}"')
    headers: Mapping[str, Secret] = kit.headers("Further request headers", '{ X-Scope-OrgID = "shop" }')
    params: Mapping[str, Secret] = kit.headers("Further parameters of the query", '{ team = "shop" }')
    ca_file: str = kit.text(
        "PEM file with the certificates to trust instead of the system's", "", '"/etc/ssl/shop.pem"'
    )
    proxy: Secret = kit.proxy(PROXY, '"http://proxy.example.org:3128"')
    no_proxy: tuple[str, ...] = kit.texts(NO_PROXY, (), '["shop.internal"]')

    RULES: ClassVar[Rules] = (not_beside("token", "user"), together("user", "password"))
    """What its keys say together, in JSON Schema."""

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield what contradicts itself."""
        if self.token and self.user:
            yield "token", "stands beside user", "keep one of them"
        if bool(self.user) != bool(self.password):
            yield "user", "and password belong together", "write both or none"
        yield from problems_of_hosts(self.no_proxy)


@dataclass(frozen=True, slots=True)
class Access(Reach):
    """The same keys for every source over HTTP."""

    timeout: float = kit.span("Longest time for one answer; 0 uses the plan's deadline", 0.0, "0s")
    every: float = kit.span("How often it is asked; 0 uses the plan's cadence", 0.0, "0s")
