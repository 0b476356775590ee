"""Every pane there is, of all screens."""

from cockpit.tui.screens.deck import PANES
from widgets.detail.panes import ChartPane, SubjectList, Tabs
from widgets.frame.header import Header
from widgets.frame.phase_rail import PhaseRail
from widgets.frame.small_terminal import Small
from widgets.panes.log import LogPane

EVERY = (*PANES, Header, PhaseRail, LogPane, Small, Tabs, SubjectList, ChartPane)
