"""What docs/demo.md promises of each scenario, read from its table: page and test cannot differ."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sessions.values.entries import Entry

PAGE = Path(__file__).parents[3] / "docs" / "demo.md"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entry of a kind, with these facts."""

    kind: str
    facts: tuple[tuple[str, str], ...]

    def fits(self, entry: Entry) -> bool:
        own = {"phase": entry.phase, "by": entry.by, **entry.facts}
        return entry.kind == self.kind and all(str(own.get(name)) == value for name, value in self.facts)

    def __str__(self) -> str:
        return " ".join((self.kind, *(f"{name}={value}" for name, value in self.facts)))


Story = tuple[tuple[Wanted, ...], ...]
"""Groups of entries: a group in any order, after all of the group before."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Stories that are told side by side."""

    stories: tuple[Story, ...]

    @property
    def wanted(self) -> Iterator[Wanted]:
        return (wanted for story in self.stories for group in story for wanted in group)

    @property
    def reached(self) -> bool:
        """Whether a phase entered is the end of a story: then the flight is flown to its goal."""
        return any(wanted.kind == "phase.entered" for story in self.stories for wanted in story[-1])

    @property
    def goal(self) -> str:
        return "25%" if self.reached else "50%"

    def missing(self, entries: Sequence[Entry]) -> list[str]:
        """Return of each story the wanted entries of the first group that is not there whole."""
        return [said for story in self.stories for said in _missing(story, entries)]


def promised(scenario: str) -> Promise:
    """Return the promise of one scenario. Raises KeyError for one that the page does not know."""
    return Promise(tuple(_story(words) for words in _cells()[scenario].split(";")))


def _story(words: str) -> Story:
    return tuple(tuple(_wanted(group)) for group in re.split(r"\bthen\b", words))


def _missing(story: Story, entries: Sequence[Entry]) -> list[str]:
    at = 0
    for group in story:
        places = [_place(entries, wanted, at) for wanted in group]
        if gone := [str(wanted) for wanted, place in zip(group, places, strict=True) if place is None]:
            return gone
        at = 1 + max(place for place in places if place is not None)
    return []


def _cells() -> dict[str, str]:
    rows = [line.strip("|").split("|") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): row[2] for row in rows if len(row) == 3}


def _wanted(group: str) -> Iterator[Wanted]:
    for words in re.findall(r"`([^`]+)`", group):
        kind, *facts = words.split()
        yield Wanted(kind, tuple((name, value) for name, _, value in (fact.partition("=") for fact in facts)))


def _place(entries: Sequence[Entry], wanted: Wanted, since: int) -> int | None:
    return next((at for at in range(since, len(entries)) if wanted.fits(entries[at])), None)
