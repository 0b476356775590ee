"""Trying the places that notices go to, for `cockpit doctor`: one test message each, or a look at the settings."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from cockpit.notices.notice import Item, Notice
from cockpit.notices.webhook import Channel
from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.notifications import Webhook
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.secrets import Secrets
from sessions.text.clean import clean

NONE = "no place for notifications is set: messages go nowhere"

_EXPORT = "export it where the cockpit is started, or name another in cockpit.toml"
_ANEW = "create the webhook again, and store its address where cockpit.toml says"
_FIXES = (
    ("is not set", _EXPORT),
    ("for a secret", "run that command by hand, it must print the secret as its first line"),
    ("429", "it has had too many messages, wait a while"),
    *((status, _ANEW) for status in ("400", "401", "403", "404", "410")),
    ("redirected", "write the address that it redirects to, if it is yours"),
    ("no http address", "the secret must hold the whole address, https:// and all"),
)
_ELSE = "is it running, and can it be reached from here?"


async def tried(settings: Settings, secrets: Secrets, now: datetime) -> Sequence[Finding]:
    """Send one test message to every place, side by side and in one try each; say how each ended. Raises nothing."""
    hooks = settings.notifications.webhooks
    if not hooks:
        return [Finding(Sight.WARNING, "webhooks", NONE, "write [[notifications.webhooks]] in cockpit.toml")]
    return await asyncio.gather(*(_tried(hook, settings, secrets, now) for hook in hooks))


def configured(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Say for every place what it is sent, and whether the environment has its secrets; nothing is sent or run."""
    for hook in settings.notifications.webhooks:
        wanted = (name for secret in (hook.url, *hook.headers.values()) for name in secret.names)
        missing = [name for name in wanted if not environ.get(name)]
        if missing:
            yield Finding(Sight.PROBLEM, hook.name, f"${missing[0]} is not set", _EXPORT)
        else:
            yield Finding(Sight.GOOD, hook.name, f"{hook.kind}, told of {', '.join(hook.events)}; --notify tries it")


async def _tried(hook: Webhook, settings: Settings, secrets: Secrets, now: datetime) -> Finding:
    service = clean(settings.service or "cockpit", 40)
    lines = ("● test message: this place gets notifications", "Asked: nothing")
    test = Notice(now, service, 0, f"{service} · cockpit doctor", (Item("test", ("test",), lines, now),), (hook.name,))
    begun, channel = time.perf_counter(), Channel(hook, secrets, rests=())
    try:
        why = await channel.post(test)
    finally:
        await channel.aclose()
    if why:
        return Finding(Sight.PROBLEM, hook.name, f"{hook.kind}: {why}", _fix(why))
    return Finding(Sight.GOOD, hook.name, f"{hook.kind}: sent in {1000 * (time.perf_counter() - begun):.0f} ms")


def _fix(why: str) -> str:
    return next((fix for words, fix in _FIXES if words in why), _ELSE)
