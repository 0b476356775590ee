"""Where a session's numbers come from and where its flag lives. Addresses only: a secret stays in the environment."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import asdict

from cockpit.settings.models.flag_providers import Flagd, Session
from cockpit.settings.models.mongo import Mongo
from cockpit.settings.models.settings import Settings, Source
from cockpit.settings.models.traffic import Scrape
from cockpit.settings.schema.secrets import variable
from sessions.plan.strict_table import Table, TableError

MONGO_VARIABLE = "COCKPIT_MONGO_URI"


class Wiring(Struct, frozen=True):
    """`settings` is the absolute path of the settings file; without one the next four say it all.

    `metrics` are the /metrics addresses, `mongo` names the environment variable that holds the URI. An empty
    `flag_file` means that the flag is only recorded. `plan` is the absolute path of the plan file that the session was
    made with; empty for the plan that comes with the cockpit.
    """

    metrics: tuple[str, ...] = ()
    mongo: str = MONGO_VARIABLE
    database: str = ""
    flag_file: str = ""
    settings: str = ""
    plan: str = ""

    def table(self) -> dict[str, object]:
        """Return what the session file keeps."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}


def wiring_from(values: Mapping[str, object]) -> Wiring:
    """Read a session's wiring; what a newer cockpit said beyond ours is ignored. Raises TableError."""
    table = Table(values, "wiring")
    wiring = Wiring(
        table.texts("metrics", ()),
        table.text("mongo", MONGO_VARIABLE),
        table.text("database", ""),
        table.text("flag_file", ""),
        table.text("settings", ""),
        table.text("plan", ""),
    )
    if table.problems:
        raise TableError(table.problems)
    return wiring


def without_file(wiring: Wiring) -> Settings:
    """Return the settings that a wiring says by itself, without a settings file."""
    sources: dict[str, Source] = {}
    if wiring.metrics:
        sources["scrape"] = Scrape(urls=wiring.metrics)
    if wiring.database:
        sources["mongo"] = Mongo(uri=variable(wiring.mongo), database=wiring.database)
    return Settings(sources=sources, flag=Flagd(file=wiring.flag_file) if wiring.flag_file else Session())
