"""What a source is opened with. Each source module has `open_source(order, spec)`, which returns its sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.settings.secret import Secrets
from cockpit.settings.whole import Source as Spec
from cockpit.sources.budget import Budgets
from sessions.plan import Plan


@dataclass(frozen=True, slots=True)
class Order:
    """`name` is the owner's word for the source; `since` is until when somebody watched; `all` are all its siblings."""

    name: str
    plan: Plan
    secrets: Secrets
    since: datetime | None
    all: Mapping[str, Spec]
    budgets: Budgets = field(default_factory=Budgets)
