"""How fine a percentage may be where the flag lives, and what of a plan cannot be held there."""

from collections.abc import Iterable

from sessions.text.units import counted
from sessions.values.percent import Percent, decimals_of


def too_fine(percent: Percent, decimals: int) -> str:
    """Say why a percentage cannot be held with so many decimals; empty where it can."""
    return f"{taken(decimals)}, not {percent} %" if decimals_of(percent) > decimals else ""


def unheld(percents: Iterable[Percent], kind: str, decimals: int) -> str:
    """Say which of the percentages of a plan cannot be held by a flag of some kind; empty where all can."""
    fine = [f"{percent} %" for percent in percents if decimals_of(percent) > decimals]
    if not fine:
        return ""
    return (
        f"{kind} {taken(decimals)}, and the plan has {'a phase' if len(fine) == 1 else 'phases'} of {', '.join(fine)}"
    )


def taken(decimals: int) -> str:
    """Say how fine percentages may be."""
    return (
        f"takes percentages with {counted(decimals, 'decimals')} at most"
        if decimals
        else "takes whole percentages only"
    )
