"""Which way servers are reached: by a proxy or directly; what one table says for all, and what each says for itself."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from cockpit.runtime.record import dataclass
from cockpit.settings.schema import fields as kit
from cockpit.settings.schema.secrets import Secret

DIRECT = "direct"
"""The value that means: use no proxy."""
LOOPBACK = "loopback"
"""In a list of hosts: this machine by whatever name."""
PROXY = f'HTTP proxy for these requests, or `"{DIRECT}"` for none; without it, the one of `[http]`'
NO_PROXY = f"Hosts that are reached without the proxy: names, `.example.org`, networks, `{LOOPBACK}`, `*`"
_EXAMPLE, _HOSTS = '"http://proxy.example.org:3128"', '["shop.internal", ".example.org", "10.0.0.0/8"]'

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Web:
    """How servers are reached over HTTP, unless a table says otherwise for itself."""

    proxy: Secret = kit.proxy("HTTP proxy for all requests except those to this machine", _EXAMPLE)
    no_proxy: tuple[str, ...] = kit.texts(NO_PROXY, (), _HOSTS)

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield entries that are not a host."""
        yield from problems_of_hosts(self.no_proxy)


def through(settings: T, web: Web) -> T:
    """Return the settings; each table without a proxy gets the one of `web`, except for this machine."""
    hosts = tuple(dict.fromkeys((*web.no_proxy, LOOPBACK)))
    return _routed(settings, web.proxy, hosts) if web.proxy else settings


def _routed(value: Any, proxy: Secret, hosts: tuple[str, ...]) -> Any:
    if isinstance(value, tuple):
        return tuple(_routed(each, proxy, hosts) for each in value)
    if isinstance(value, Mapping):
        return {name: _routed(each, proxy, hosts) for name, each in value.items()}
    if not is_dataclass(value) or isinstance(value, type | Web | Secret):
        return value
    inner = {item.name: _routed(getattr(value, item.name), proxy, hosts) for item in fields(value)}
    if "proxy" in inner and not inner["proxy"]:
        inner |= {"proxy": proxy, "no_proxy": (*inner["no_proxy"], *hosts)}
    return replace(value, **inner)


def problems_of_hosts(hosts: Iterable[str]) -> Iterable[tuple[str, str, str]]:
    """Yield entries that are not a host: an address, or an empty text."""
    for host in hosts:
        if not host or host != host.strip() or ("/" in host and _network(host) is None):
            yield "no_proxy", f'"{host[:40]}" is no host', 'write "shop.internal", ".example.org" or "10.0.0.0/8"'


def goes_directly(host: str, hosts: Iterable[str]) -> bool:
    """Whether a host is reached without the proxy; no name is looked up for that."""
    name, number = host.lower().strip("[]").rstrip("."), _number(host)
    return any(_is_meant(each.lower().rstrip("."), name, number) for each in hosts)


def _is_meant(said: str, name: str, number: Any) -> bool:
    if said == LOOPBACK:
        here = name == "localhost" or name.endswith(".localhost")
        return here or (number is not None and (number.is_loopback or _mapped(number)))
    network = _network(said)
    if network is not None:
        return number is not None and number in network
    return said == "*" or name == said.removeprefix("*.").lstrip(".") or name.endswith(f".{said.lstrip('*.')}")


def _mapped(number: Any) -> bool:
    inner = getattr(number, "ipv4_mapped", None)
    return inner is not None and bool(inner.is_loopback)


def _number(host: str) -> Any:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _network(text: str) -> Any:
    try:
        return ipaddress.ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None
