"""One line of the table: what was measured, how much of it, what it should be."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """`value` in `unit`, the median of several tries; `aim` is empty where none is set; `note` says against what."""

    what: str
    value: float
    unit: str
    aim: str = ""
    note: str = ""


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the quotients of tries made one after the other."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))


def table(rows: Sequence[Row]) -> str:
    """Return the rows as Markdown, so that the page about benchmarks can hold them as they are."""
    head = ("Measured", "Value", "Aim", "Against")
    lines = [head, *((row.what, f"{row.value:.{_digits(row.value)}f} {row.unit}", row.aim, row.note) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    said = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    return "\n".join([said[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *said[1:]])


def _digits(value: float) -> int:
    return 0 if value >= 100 else 1 if value >= 10 else 2
