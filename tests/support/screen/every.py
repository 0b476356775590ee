"""Every pane there is, of all screens."""

from cockpit.tui.layout.deck_columns import NAMES, pane_called
from widgets.detail.panes import ChartPane, SubjectList, Tabs
from widgets.frame.header import Header
from widgets.frame.phase_rail import PhaseRail
from widgets.frame.small_terminal import Small

ON_DECK = tuple(pane_called(name) for name in NAMES)
"""Every pane of the deck, of all its layouts."""
EVERY = (*ON_DECK, Header, PhaseRail, Small, Tabs, SubjectList, ChartPane)
