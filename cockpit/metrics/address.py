"""Where metrics are served: HOST:PORT, on this machine only, unless the owner allows others."""

import ipaddress
import re

from msgspec import Struct

from cockpit.runtime.errors import BadInputError
from sessions.text.clean import clean

_FORM = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9.-]{1,255})):([0-9]{1,5})")
USUAL = "127.0.0.1:9464"


class Address(Struct, frozen=True):
    """An address of an interface, and a port; 0 takes a free one."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return ipaddress.ip_address(self.host).is_loopback

    def url(self, port: int) -> str:
        """Return where it is read."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{port}/metrics"


def address_of(text: str, *, public: bool, option: str = "--metrics") -> Address:
    """Read HOST:PORT. Raises BadInputError."""
    said = f"{option} {clean(text, 60)}"
    found = _FORM.fullmatch(text)
    if found is None or int(found[3]) > 65535:
        raise BadInputError(f"{said}: is no address: write {USUAL}")
    try:
        host = "127.0.0.1" if found[2] == "localhost" else str(ipaddress.ip_address(found[1] or found[2]))
    except ValueError as error:
        raise BadInputError(f"{said}: is no address of an interface: write {USUAL}") from error
    address = Address(host, int(found[3]))
    if not address.loopback and not public:
        raise BadInputError(f"{said}: others on the network could read it: write {USUAL}, or add {option}-public")
    return address
