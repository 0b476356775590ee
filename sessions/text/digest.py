"""SHA-256 as Python itself has it: `hashlib` would load all of OpenSSL, and each script would wait for that."""

from collections.abc import Callable
from importlib import import_module
from typing import Protocol


class _Hash(Protocol):
    def hexdigest(self) -> str: ...


def _found() -> Callable[[bytes], _Hash]:
    """Return it from where it is, from Python 3.12 on, before that, and anywhere."""
    for place in ("_sha2", "_sha256"):
        try:
            made: Callable[[bytes], _Hash] = import_module(place).sha256
        except ImportError:
            continue
        return made
    from hashlib import sha256

    return sha256


_SHA256 = _found()


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of `data` in hexadecimal digits."""
    return _SHA256(data).hexdigest()
