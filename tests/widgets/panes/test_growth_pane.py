"""Growth, drawn: what was not counted is never shown as free of duplicates."""

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
