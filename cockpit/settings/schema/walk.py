"""Yields every value in the settings, one after the other, for any model."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from cockpit.settings.schema.secrets import Secret, Secrets

PROGRAM = "program with arguments"
"""The kind of a key that names what is run."""


def leaves(value: object, kind: str = "") -> Iterator[tuple[str, object]]:
    """Yield each text, number, secret and program of settings with the kind of its key."""
    if isinstance(value, Secret) or (kind == PROGRAM and value):
        yield kind, value
    elif is_dataclass(value):
        for item in fields(value):
            yield from leaves(getattr(value, item.name), item.metadata["key"].kind)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from leaves(each, kind)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from leaves(each, kind)
    else:
        yield kind, value


def secrets_in(value: object) -> tuple[Secret, ...]:
    """Return every secret that settings refer to."""
    found = (leaf for _, leaf in leaves(value) if isinstance(leaf, Secret))
    return tuple(dict.fromkeys(secret for secret in found if secret))


def secrets_of(settings: object, environ: Mapping[str, str]) -> Secrets:
    """Return what reveals the secrets of settings; what variables hold is masked from the first word on."""
    return Secrets(environ).foreseeing(secrets_in(settings))
