"""Growth, drawn: what was not counted is never shown as free of duplicates."""

import re
from datetime import timedelta

import pytest
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from tests.support.screen.grown_flight import NOW, TZ
from tests.support.screen.sample import calm, view
from widgets.base.styled import plain
from widgets.panes.growth import GrowthPane


def test_no_duplicates_is_green_only_where_every_collection_was_counted():
    """Row 64: a first look for duplicates may take minutes."""
    whole = calm().state
    sizes = {name: row for name, row in whole.seen.sizes.items() if name != "capsules"}
    part = replace(whole, seen=replace(whole.seen, sizes=sizes))
    lines = [GrowthPane().picture(view(judge(state, NOW, TZ)), 42, 25).lines[-1] for state in (whole, part)]
    assert [plain([line]).split() for line in lines] == [["●", "duplicates", "none"], ["…", "duplicates", "–"]]


def drawn(counts, width=60):
    """The growth pane over one collection that was counted so often."""
    whole = calm().state
    name = whole.plan.collections[0].name
    newest = whole.seen.sizes[name][-1]
    row = tuple(
        replace(newest, count=count, at=newest.at - timedelta(seconds=60 * (len(counts) - 1 - place)))
        for place, count in enumerate(counts)
    )
    state = replace(whole, seen=replace(whole.seen, sizes={**whole.seen.sizes, name: row}))
    return [
        plain([line])
        for line in GrowthPane().picture(view(judge(state, NOW, TZ)), width, 2 * len(whole.plan.collections) + 1).lines
    ]


BLOCKS = " ▁▂▃▄▅▆▇█"


@pytest.mark.parametrize(
    ("counts", "heights"),
    [
        ([600] * 100, "flat"),
        ([500 + place for place in range(100)], "rises"),
        ([500] * 40 + [600] * 60, "rises"),
        ([600], "flat"),
    ],
    ids=["constant", "steady", "a step long ago", "one count"],
)
def test_the_trend_spans_what_is_known_and_what_does_not_grow_is_flat(counts, heights):
    top, foot = drawn(counts)[:2]
    cells = [
        (BLOCKS.index(above) if above in BLOCKS else 0) + BLOCKS.index(below)
        for above, below in zip(top.ljust(len(foot))[-12:], foot[-12:], strict=True)
        if below in BLOCKS
    ]
    if heights == "flat":
        assert set(cells) <= {0, 1}
    else:
        assert cells == sorted(cells)
        assert (cells[0] < 4, cells[-1]) == (True, 16)


def test_how_far_off_each_collection_is_stands_in_one_column():
    rows = drawn([600])[:-1]
    places = {match.end(1) for row in rows if (match := re.search(r" (\d+) docs? (high|low|off)", row))}
    assert len(places) == 1
