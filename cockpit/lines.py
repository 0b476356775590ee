"""One entry as one line of plain text."""

from datetime import tzinfo

from sessions.clean import clean
from sessions.entries import Entry
from sessions.figures import clock


def line(entry: Entry, tz: tzinfo | None) -> str:
    """Say one entry in one line: `14:02:10   25 %  verdict.turned     growth shortlists +41 %`."""
    return f"{clock(entry.at, tz)}  {entry.phase:>3} %  {clean(entry.kind, 40):<18} {clean(entry.text, 2000)}"
