"""Every pane there is, of all screens."""

from cockpit.deck import PANES
from widgets.detail_panes import ChartPane, SubjectList, Tabs
from widgets.header import Header
from widgets.log_pane import LogPane
from widgets.phase_rail import PhaseRail
from widgets.small import Small

EVERY = (*PANES, Header, PhaseRail, LogPane, Small, Tabs, SubjectList, ChartPane)
