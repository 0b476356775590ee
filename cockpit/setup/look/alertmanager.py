"""Asks an Alertmanager once whether it answers, and for an alert that always fires, the heartbeat."""

import asyncio
import json

from msgspec import Struct

from cockpit.http.client import FAILURES, advice, fetch, open_client, reason
from cockpit.settings.models.json_answers import Alertmanager
from cockpit.settings.schema.secrets import SecretError, Secrets

PATIENCE = 5.0
"""Seconds that it may take."""
_HEARTBEATS = ("Watchdog", "DeadMansSwitch", "Heartbeat", "AlwaysFiring")


class Alerts(Struct, frozen=True):
    """Whether it answers, else why not, and what its heartbeat is called, empty for none."""

    why: str = ""
    heartbeat: str = ""


async def ask_alertmanager(spec: Alertmanager, secrets: Secrets) -> Alerts:
    """Ask it for its alerts. Raises nothing."""
    try:
        client = open_client(spec, secrets, PATIENCE)
    except (SecretError, *FAILURES) as error:
        return Alerts(str(error))
    try:
        async with asyncio.timeout(PATIENCE):
            request = client.build_request("GET", f"{spec.url.rstrip('/')}/api/v2/alerts")
            found = json.loads((await fetch(client, request)).body)
    except TimeoutError:
        return Alerts(f"no answer in {PATIENCE:g} s: can it be reached from here?")
    except (ValueError, RecursionError):
        return Alerts("not an Alertmanager: correct the address, it is without /api")
    except FAILURES as error:
        why = reason(error, PATIENCE)
        return Alerts(f"{why}: {advice(why)}")
    finally:
        await client.aclose()
    if not isinstance(found, list):
        return Alerts("not an Alertmanager: correct the address, it is without /api")
    labels = [row.get("labels") for row in found if isinstance(row, dict)]
    names = {row.get("alertname") for row in labels if isinstance(row, dict)}
    return Alerts(heartbeat=next((name for name in _HEARTBEATS if name in names), ""))
