"""The value of the flag. It is a module of its own so that a revert imports no other readings."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from sessions.values.percent import Percent


class FlagStatus(StrEnum):
    """What became of the newest move of the flag, and what the flag is known to be since."""

    NONE = "none"
    INTENDED = "intended"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DRIFTED = "drifted"


class Target(Struct, frozen=True):
    """One of several places that a flag lives in: an environment, a flag; `percent` is None where it has none of ours.

    `reason` is why it could not be read, empty where it was.
    """

    name: str
    percent: Percent | None
    reason: str = ""


class FlagValue(Struct, frozen=True):
    """What the flag's back end says now: `percent` (None: no flag of ours, or targets that differ) and switches on.

    `switches` is None where the back end cannot tell. `version` changes whenever somebody changes the flag, empty where
    the back end has none; `by` and `changed_at` are who changed it last and when, where it tells. `targets` are its
    places, where there are several. `narrowed` says, cleaned, why the percentage is no share of all users; empty where
    nothing says so.
    """

    source: str
    at: datetime
    percent: Percent | None
    switches: tuple[str, ...] | None = ()
    by: str = ""
    version: str = ""
    changed_at: datetime | None = None
    targets: tuple[Target, ...] = ()
    narrowed: str = ""
