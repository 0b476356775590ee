"""What an answer in JSON says of a flag, by the owner's JMESPath."""

from collections.abc import Callable

import jmespath

from cockpit.flags.interface.writer import FlagError, percent_of
from cockpit.settings.schema.placeholders import worded
from sessions.text.clean import clean
from sessions.values.percent import Percent

Scrub = Callable[[str], str]
_FAULTS = (jmespath.exceptions.JMESPathError, ArithmeticError, LookupError, RecursionError, AttributeError, TypeError)


def find(expression: str, document: object) -> object:
    """Return the value of a JMESPath. Raises FlagError if it cannot be put to the document."""
    try:
        return jmespath.search(expression, document)
    except (*_FAULTS, ValueError) as error:
        raise FlagError(f"{clean(expression, 60)} does not fit the answer, {type(error).__name__}") from error


def percent_in(document: object, expression: str, whole: float, decimals: int) -> Percent:
    """Return the percentage that a document says. Raises FlagError if it says none."""
    share = document if isinstance(document, (int, float, str)) else find(expression, document)
    if share is None:
        raise FlagError(f"the answer has no {clean(expression, 60)}")
    return percent_of(share, whole, decimals)


def version_in(document: object, expression: str, scrub: Scrub = str) -> str:
    """Return the version in an answer, empty without an expression. Raises FlagError if it has none."""
    if not expression:
        return ""
    value = find(expression, document)
    if value is None or isinstance(value, (list, dict)) or len(worded(value)) > 200 or not worded(value).isprintable():
        raise FlagError(f"{clean(expression, 60)} is no version: {clean(scrub(repr(value)), 40)}")
    return worded(value)


def on_in(document: object, expression: str, scrub: Scrub = str) -> bool:
    """Return whether a document says on. Raises FlagError, masked by `scrub`, where it says neither."""
    value = document if isinstance(document, (bool, str)) else find(expression, document)
    known = {True: True, False: False, "true": True, "false": False, "on": True, "off": False}
    said = known.get(value) if isinstance(value, (bool, str)) else None
    if said is None:
        raise FlagError(f"{clean(expression, 60)} is neither true nor false: {clean(scrub(repr(value)), 40)}")
    return said
