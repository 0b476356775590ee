"""Where a session's numbers come from and where its flag lives. Addresses only: a secret stays in the environment."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cockpit.flags.base import FlagWriter
from cockpit.sources.base import Source, SourceError
from cockpit.sources.dark import Dark
from cockpit.watch import OpenSources
from sessions.plan import Plan
from sessions.readings import Topic
from sessions.runbook import switched_on
from sessions.state import State
from sessions.tables import Table, TableError

MONGO_VARIABLE = "COCKPIT_MONGO_URI"
MONGO_TOPICS = tuple(topic for topic in Topic if topic not in (Topic.TRAFFIC, Topic.ALERTS, Topic.FLAG))


@dataclass(frozen=True, slots=True)
class Wiring:
    """`metrics` are the /metrics addresses, `mongo` names the environment variable that holds the URI.

    An empty `flag_file` means that the flag is only recorded.
    """

    metrics: tuple[str, ...] = ()
    mongo: str = MONGO_VARIABLE
    database: str = ""
    flag_file: str = ""

    def table(self) -> dict[str, object]:
        """Return what the session file keeps."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}


def wiring_from(values: Mapping[str, object]) -> Wiring:
    """Read a session's wiring. Raises TableError."""
    table = Table(values, "wiring")
    wiring = Wiring(
        table.texts("metrics", ()),
        table.text("mongo", MONGO_VARIABLE),
        table.text("database", ""),
        table.text("flag_file", ""),
    )
    table.close()
    if table.problems:
        raise TableError(table.problems)
    return wiring


def open_writer(wiring: Wiring, state: State) -> FlagWriter:
    """Return the flag writer: the flagd file where one is named, else one that goes on recording."""
    if wiring.flag_file:
        from cockpit.flags.flagd import FlagdFile

        return FlagdFile(Path(wiring.flag_file), state.plan.flag)
    from cockpit.flags.session import SessionFlag

    return SessionFlag(state.flag.percent, switched_on(state))


def source_opener(
    wiring: Wiring, plan: Plan, mongo_uri: str | None = None, since: datetime | None = None
) -> OpenSources:
    """Return what opens the sources in the Watch's loop; drivers load there, not before.

    What keeps its past is read back from `since`, when somebody last watched.
    """

    async def opened() -> Sequence[Source]:
        uri = mongo_uri or os.environ.get(wiring.mongo, "")
        return [*_metrics(wiring, plan), *_mongo(wiring, plan, uri, since)]

    return opened


def _metrics(wiring: Wiring, plan: Plan) -> Sequence[Source]:
    if not wiring.metrics:
        return [Dark("scrape", (Topic.TRAFFIC,), plan.cadence.traffic, "no /metrics address in this session")]
    import httpx

    from cockpit.sources.scrape import Scrape

    client = httpx.AsyncClient(timeout=plan.cadence.deadline, follow_redirects=False, trust_env=False)
    return [Scrape(client, wiring.metrics, plan)]


def _mongo(wiring: Wiring, plan: Plan, uri: str, since: datetime | None) -> Sequence[Source]:
    """What cannot be asked is a source too, one that says why."""
    why = "" if uri else f"${wiring.mongo} is not set"
    if why or not wiring.database:
        return [Dark("mongo", MONGO_TOPICS, plan.cadence.mongo, why or "no database named in this session")]
    from cockpit.sources.mongo import MongoSource, mongo_client

    try:
        return [MongoSource(mongo_client(uri), wiring.database, plan, since)]
    except SourceError as error:
        return [Dark("mongo", MONGO_TOPICS, plan.cadence.mongo, str(error))]
