"""A notice: what one message says, before it is written for anybody."""

from datetime import datetime

from msgspec import Struct

from sessions.values.percent import Percent

MOST = 5
"""No message tells more things than these; the rest is counted."""


class Item(Struct, frozen=True):
    """One thing that happened at `since` (UTC): its `event`, the ids of the alarms or what else it is about, its lines.

    `urgent`: it waits for nothing, neither for the morning nor for the message before it.
    """

    event: str
    ids: tuple[str, ...]
    lines: tuple[str, ...]
    since: datetime
    urgent: bool = False


class Notice(Struct, frozen=True):
    """One message: `head` says the state of the flight, `phase` in %, `channels` name the places it goes to.

    All texts are cleaned and hold no secret.
    """

    at: datetime
    service: str
    phase: Percent
    head: str
    items: tuple[Item, ...]
    channels: tuple[str, ...]

    @property
    def urgent(self) -> bool:
        """Whether any of it is."""
        return any(item.urgent for item in self.items)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of everything it is about, each once."""
        return tuple(dict.fromkeys(name for item in self.items for name in item.ids))

    @property
    def lines(self) -> tuple[str, ...]:
        """The whole message: the first line is the one that counts, then the state of the flight, then the rest."""
        first, *told = [line for item in self.items[:MOST] for line in item.lines] or [""]
        left = len(self.items) - MOST
        return (first, self.head, *told, *([f"and {left} more"] if left > 0 else []))
