"""A percentage of the flag: whole, or with up to two decimals, and exact.

A whole one is an int, so that it reads and is written as `25`; any other is the float nearest to its two decimals, so
that it reads as `0.5` and equals every other reading of the same.
"""

import math
import re
from typing import TypeAlias

Percent: TypeAlias = int | float

DECIMALS = 2
"""No percentage has more decimals than these."""

_NOISE = 1e-6
_TEXT = r"\s*(\d{1,3}(?:\.\d{1,2})?)\s*%?\s*"


def exact_percent(value: object, decimals: int = DECIMALS) -> Percent | None:
    """Return the percentage 0..100 that a number is, None where it is none or has more decimals than `decimals`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    rounded = round(value, decimals)
    if not 0 <= value <= 100 or abs(value - rounded) > _NOISE:
        return None
    return int(rounded) if rounded == int(rounded) else rounded


def percent_said(text: str) -> Percent | None:
    """Return the percentage that a person wrote: `25`, `0.5%`, `12.25 %`; None where it is none."""
    found = re.fullmatch(_TEXT, text, re.ASCII)
    return exact_percent(float(found[1])) if found else None


def rest_of(percent: Percent) -> Percent:
    """Return what is left of 100."""
    rest = round(100 - percent, DECIMALS)
    return int(rest) if rest == int(rest) else rest


def decimals_of(percent: Percent) -> int:
    """Return how many decimals it has: 0, 1 or 2."""
    return next(number for number in range(DECIMALS + 1) if number == DECIMALS or percent == round(percent, number))


def weights_of(percent: Percent) -> tuple[int, int]:
    """Return it and its rest as whole numbers, 100 in all for a whole one, else 1,000 or 10,000."""
    scale: int = 10 ** decimals_of(percent)
    on = round(percent * scale)
    return on, 100 * scale - on
