"""What a source is opened with. Each source module has `open_source(order, spec)`, which returns its sources."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from cockpit.settings.models.settings import Source as Spec
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.interface.budget import Budgets
from sessions.plan.model import Plan


class Order(Struct, frozen=True):
    """`name` is the owner's word for the source; `since` is until when somebody watched; `all` are all its siblings."""

    name: str
    plan: Plan
    secrets: Secrets
    since: datetime | None
    all: Mapping[str, Spec]
    budgets: Budgets = field(default_factory=Budgets)
