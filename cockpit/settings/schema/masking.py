"""Masking secrets in a text: the whole and its parts, however they are quoted."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

MASK = "***"
LEAST = 4
"""The shortest secret that is masked: a shorter one appears in texts by chance."""
_CUT = "…"
_HALF_QUOTED = re.compile("%[0-9A-Fa-f]?$")
_LOGIN = re.compile(r"[a-z][a-z0-9+.-]*://([^/?#]*)@", re.IGNORECASE)
SENSITIVE_WORDS = (
    r"authorization|token|secret|passw(?:or)?d|passphrase|cookie|(?:api|access|private)[-_]?key|credential"
)
"""What sounds like a secret in any name, in any case."""
_SENSITIVE = re.compile(SENSITIVE_WORDS, re.IGNORECASE)


def sensitive(name: str) -> bool:
    """Whether what has that name sounds like a secret."""
    return bool(_SENSITIVE.search(name))


def parts_of(value: str) -> Iterator[str]:
    """Yield a secret whole and line by line, and what is secret inside it."""
    whole = value.strip()
    yield from (whole, unquote(whole), *(line.strip() for line in value.splitlines()), *inside(whole))


def inside(whole: str) -> Iterator[str]:
    """Yield what is secret inside a URI: the login, its password, any token."""
    if login := _LOGIN.match(whole):
        user, colon, password = login[1].partition(":")
        if colon:
            yield from (password, unquote(password), *_login(user, password), *_login(unquote(user), unquote(password)))
    yield from tokens_in(whole)


def secret_parts(address: str) -> Iterator[str]:
    """Yield the password and the tokens in an address, as they are written there."""
    if (login := _LOGIN.match(address)) and ":" in login[1]:
        yield login[1].partition(":")[2]
    yield from tokens_in(address)


def tokens_in(address: str) -> Iterator[str]:
    """Yield the values that the query of an address holds in the open under a name that sounds like a secret."""
    parts = _split(address)
    if parts is not None and parts.scheme and parts.query:
        yield from (text for name, text in parse_qsl(parts.query) if sensitive(name) and text)


def masked(text: str, known: Mapping[str, re.Pattern[str]]) -> str:
    """Return the text without anything `known`, the longest first, also where a secret is cut at its end."""
    for part in sorted(known, key=len, reverse=True):
        text = known[part].sub(MASK, text)
    return _without_end(text, known) if text.endswith(_CUT) else text


def however_quoted(value: str) -> re.Pattern[str]:
    """Return what finds a text as it is, and quoted for an address, in JSON or in a repr, also partly."""
    return re.compile("".join(char if char.isascii() and char.isalnum() else _quoted(char) for char in value))


def _login(user: str, password: str) -> tuple[str, str]:
    pair = f"{user}:{password}"
    return pair, b64encode(pair.encode()).decode()


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _without_end(text: str, known: Mapping[str, object]) -> str:
    """Mask the last word where a secret begins in it: a text is cut before it comes here."""
    body = _HALF_QUOTED.sub("", text.removesuffix(_CUT))
    ends = (body, unquote(body))
    sizes = ((part, size) for part in known for size in range(LEAST, len(part)))
    if any(end.endswith(part[:size]) for part, size in sizes for end in ends):
        return f"{body[: body.rfind(' ') + 1]}{MASK}{_CUT}"
    return text


def _quoted(char: str) -> str:
    """Return what finds one character in any of its forms."""
    from html import escape  # a thousand names of characters come with it, for those who have a secret

    data = char.encode("utf-8", "surrogateescape")
    percent = "".join(f"%{byte:02X}" for byte in data)
    twice = percent.replace("%", "%25")
    told = {char, char.encode("unicode_escape").decode(), f"\\{char}", json.dumps(char)[1:-1], escape(char)}
    told |= {"".join(f"\\x{byte:02x}" for byte in data)}
    forms = told | {percent, percent.lower(), twice, twice.lower(), "+" if char == " " else char}
    return f"(?:{'|'.join(sorted(map(re.escape, forms), key=len, reverse=True))})"
