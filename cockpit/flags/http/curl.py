"""A request as lines to paste into a shell, with variables in place of secrets."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping

from cockpit.settings.schema.http_access import Reach
from cockpit.settings.schema.masking import MASK
from cockpit.settings.schema.secrets import Secret

_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_ACTIVE = re.compile(r'[\\"`$]')


def curl(
    reach: Reach, method: str, url: str, body: object = None, headers: Mapping[str, str] | None = None
) -> list[str]:
    """Return the lines of a curl call with the owner's credentials."""
    parts = [f"curl -X {method} {_word(_with(url, reach.params))}", *_credentials(reach)]
    own = {name: shown(secret) for name, secret in reach.headers.items()} | dict(headers or {})
    if body is not None and not isinstance(body, str) and not any(name.lower() == "content-type" for name in own):
        own["Content-Type"] = "application/json"
    parts += [f"  -H {_word(f'{name}: {value}')}" for name, value in own.items()]
    if body is not None:
        parts.append(f"  -d {shlex.quote(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False))}")
    return [*(f"{part} \\" for part in parts[:-1]), parts[-1]]


def shown(secret: Secret) -> str:
    """Return a secret as its variable `${NAME}`, masked where a command prints it."""
    return MASK if secret.argv else secret.template


def _credentials(reach: Reach) -> Iterator[str]:
    if reach.token:
        yield f"  -H {_word(f'Authorization: Bearer {shown(reach.token)}')}"
    if reach.user:
        yield f"  -u {_word(f'{reach.user}:{shown(reach.password)}')}"
    if reach.ca_file:
        yield f"  --cacert {shlex.quote(reach.ca_file)}"


def _with(url: str, params: Mapping[str, Secret]) -> str:
    query = "&".join(f"{name}={shown(value)}" for name, value in params.items())
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def _word(text: str) -> str:
    """Quote a word so that a shell fills in variables that hold secrets, and nothing else."""
    found = _REFERENCE.findall(text)
    if not found:
        return shlex.quote(text)
    plain = [_ACTIVE.sub(r"\\\g<0>", part) for part in _REFERENCE.split(text)]
    return f'"{plain[0]}{"".join(f"{name}{part}" for name, part in zip(found, plain[1:], strict=True))}"'
