"""What an examination found, in words and as plain values: pure, the trying is done elsewhere."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from cockpit.runtime.finding import Finding, Sight
from sessions.text.clean import clean

FINE, PROBLEM = 0, 20
"""Exit codes: nothing is unseen, or at least one thing is."""

WORDS: Mapping[Sight, str] = {Sight.GOOD: "● good", Sight.WARNING: "▲ warning", Sight.PROBLEM: "◆ problem"}
_WIDEST = 28
_FIXES = (
    ("only: ", 'ask for larger pages or for less; pages = "first" where one page is all that is meant'),
    ("is not set", "export it where the cockpit is started, or name another in cockpit.toml"),
    ("no source", "name one in cockpit.toml, cockpit new writes a starter with every kind"),
    ("refused too", "its command prints a secret that is not taken: check whose it is, and what it may"),
    ("the same again", "the command must print a secret that is good now, not one that it keeps"),
    ("for a secret", "run that command by hand, it must print the secret as its first line"),
    ("credentials", "give the source its token, or user and password"),
    ("login refused", "check the user and the password in the address"),
    ("unknown host", "check the host's name, and that this machine can look it up"),
    ("certificate", "check its date and its names, an authority of your own goes into ca_file"),
    ("redirected", "name the address that it leads to"),
    ("refused", "is it running, and is the port right?"),
    ("no server", "is it running, and can it be reached from here?"),
    ("no connection", "is it running, and can it be reached from here?"),
    ("no answer", "can it be reached from here? A longer timeout may do"),
)
_ELSE = "mend it, or take the source out of cockpit.toml"


class Group(Struct, frozen=True):
    """The findings of one thing that was examined: a source with its `topics`, or a part of the cockpit without any.

    `took_ms` is how long the examination took.
    """

    name: str
    findings: tuple[Finding, ...]
    topics: tuple[str, ...] = ()
    took_ms: float = 0.0


class Examination(Struct, frozen=True):
    """Everything that was examined at `at` (UTC): `subject` is the session or the settings that named it."""

    subject: str
    at: datetime
    groups: tuple[Group, ...]

    def count(self, sight: Sight) -> int:
        """How many findings looked like that."""
        return sum(finding.sight is sight for group in self.groups for finding in group.findings)

    @property
    def code(self) -> int:
        """The exit code."""
        return PROBLEM if self.count(Sight.PROBLEM) or not any(group.findings for group in self.groups) else FINE


def fix_for(reason: str) -> str:
    """Return what to do about a failure, by the words in which sources tell them."""
    return next((fix for words, fix in _FIXES if words in reason), _ELSE)


def lines(found: Examination) -> Iterator[str]:
    """Yield the examination as text: a head per group, a line per finding, its fix below it.

    A fix that several findings in a row share is printed once, below the last of them.
    """
    whats = [len(finding.what) for group in found.groups for finding in group.findings]
    width = min(max(whats, default=0), _WIDEST)
    yield found.subject
    for group in found.groups:
        yield ""
        yield _head(group)
        for finding, following in zip(group.findings, (*group.findings[1:], None), strict=True):
            yield f"  {WORDS[finding.sight]:<9}  {finding.what:<{width}}  {finding.text}".rstrip()
            if finding.fix and (following is None or following.fix != finding.fix):
                yield f"  {'':<9}  {'':<{width}}  fix: {finding.fix}"
    yield ""
    yield tally(found)


def tally(found: Examination) -> str:
    """Say the sum: `2 problems, 1 warning`."""
    problems, warnings = found.count(Sight.PROBLEM), found.count(Sight.WARNING)
    return f"{_counted(problems, 'problem')}, {_counted(warnings, 'warning')}"


def as_table(found: Examination) -> dict[str, object]:
    """Return the examination as plain values; the shape is documented in docs/doctor.md and does not change."""
    return {
        "subject": found.subject,
        "at": found.at.isoformat(),
        "decision": "problem" if found.code else "fine",
        "problems": found.count(Sight.PROBLEM),
        "warnings": found.count(Sight.WARNING),
        "groups": [
            {
                "name": group.name,
                "topics": list(group.topics),
                "took_ms": round(group.took_ms, 1),
                "findings": [
                    {"sight": item.sight.value, "what": item.what, "text": item.text, "fix": item.fix}
                    for item in group.findings
                ],
            }
            for group in found.groups
        ],
    }


def told(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings cleaned, the worst first and otherwise in their order; nothing found is a problem as well."""
    rank = list(Sight)
    rows = sorted(findings, key=lambda item: -rank.index(item.sight))
    found = tuple(Finding(row.sight, clean(row.what, 80), clean(row.text), clean(row.fix, 200)) for row in rows)
    return found or (Finding(Sight.PROBLEM, "examination", "nothing was tried", _ELSE),)


def _head(group: Group) -> str:
    parts = [group.name, ", ".join(group.topics), f"{group.took_ms:.0f} ms" if group.took_ms else ""]
    return " · ".join(filter(None, parts))


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
