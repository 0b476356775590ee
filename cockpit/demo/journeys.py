"""The demo's own checks, as an owner would write them into `cockpit.toml`: WF7 on a subset, and in full."""

from pathlib import Path

_TEXT = Path(__file__).with_name("journeys.toml")


def journeys(service: str, database: str) -> str:
    """Return the settings of both checks and of the activities that run them.

    `service` is the service's address, `database` the name of the mongo source. Every business key is the run's id: a
    rerun makes no duplicate.
    """
    return _TEXT.read_text("utf-8").replace("@service@", service).replace("@database@", database)
