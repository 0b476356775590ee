"""What an examination of one thing found."""

from enum import StrEnum

from msgspec import Struct


class Sight(StrEnum):
    """How one thing looked when it was tried: fine, worth a warning, or a problem that leaves something unseen."""

    GOOD = "good"
    WARNING = "warning"
    PROBLEM = "problem"


class Finding(Struct, frozen=True):
    """One thing that an examination found: what was looked at, what was seen, and for a weakness what to do.

    All texts are cleaned and hold no secret; a number carries its unit.
    """

    sight: Sight
    what: str
    text: str
    fix: str = ""
