"""With the flag and without it: both groups of one endpoint below its chart, and whether it is the flag."""

from sessions.criteria.by_flag import ERRORS, LATENCY, Comparison, compared
from sessions.values.readings import Topic
from widgets.base.styled import PLAIN, QUIET, STRONG, Line, cut, length
from widgets.base.view import View, dark


def by_flag_lines(view: View, criterion: str, subject: str, width: int) -> tuple[Line, ...]:
    """Return one line, or two where there is no room; none where nothing says who had the flag."""
    if criterion not in (LATENCY, ERRORS):
        return ()
    found = compared(view.state, criterion, subject, view.judgement.at)
    if found is None:
        return ()
    # Of a source that is dark nobody knows how it is now: what was is told, and nothing in it stands out.
    plain, strong = (QUIET, QUIET) if dark(view, Topic.TRAFFIC) else (PLAIN, STRONG)
    figures: Line = ((found.figures, plain),)
    counts: Line = ((f"({found.counts}): ", QUIET), (found.answer.value, strong))
    one = (*figures, (" ", PLAIN), *counts, *_neither(found))
    if length(one) <= width:
        return (one,)
    return cut(figures, width), cut((*counts, *_neither(found)), width)


def _neither(found: Comparison) -> Line:
    """Requests that say neither are counted in no group, and told."""
    return ((f" · {found.neither:,.0f} say neither", QUIET),) if found.neither >= 1 else ()
