"""How the cockpit calls its owner: the terminal's bell and title, quiet hours, and messages to other places."""

from collections.abc import Iterable, Mapping

from cockpit.runtime.record import dataclass
from cockpit.settings.schema import fields as kit
from cockpit.settings.schema.proxy import NO_PROXY, PROXY, problems_of_hosts
from cockpit.settings.schema.secrets import Secret
from sessions.alarms.quiet_hours import quiet_hours

HOOKS = ("slack", "discord", "teams", "ntfy", "json")
"""What a message can be written for."""
EVENTS = ("alarms", "gate", "phase", "report", "message")
"""What can be told: alarms, an open gate, a phase that is entered, a report that is exported, a message sent."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One place that messages are sent to."""

    name: str = kit.text("What you call it", example='"phone"')
    kind: str = kit.choice("Format of the message", HOOKS)
    url: Secret = kit.secret(
        "The address of the webhook; anybody who knows it can post there", '"${PHONE_HOOK}"', required=True
    )
    headers: Mapping[str, Secret] = kit.headers(
        "Further request headers", '{ Authorization = "Bearer ${PHONE_TOKEN}" }'
    )
    proxy: Secret = kit.proxy(PROXY, '"http://proxy.example.org:3128"')
    no_proxy: tuple[str, ...] = kit.texts(NO_PROXY, (), '["shop.internal"]')
    events: tuple[str, ...] = kit.choices("What to send", EVENTS, ("alarms",))
    wait: float = kit.span(
        "Minimum time between two messages, divided by `--speed`; messages in between go out together", 60.0, "60s"
    )
    timeout: float = kit.span("Longest time for one answer", 5.0, "5s", low=0.1)

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield what is missing."""
        if not self.events:
            yield "events", "tells nothing", f"write any of {', '.join(EVENTS)}"
        yield from problems_of_hosts(self.no_proxy)


@dataclass(frozen=True, slots=True)
class Notifications:
    """How the cockpit calls you."""

    bell: bool = kit.flag("Ring the terminal's bell for an alarm", default=True)
    title: bool = kit.flag("Show phase and worst state in the terminal's title", default=True)
    quiet: str = kit.text("Local hours in which only urgent alarms call you", "", '"23:00-07:00"')
    webhooks: tuple[Webhook, ...] = kit.many(Webhook, "Where to send messages")

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield what contradicts itself."""
        try:
            quiet_hours(self.quiet)
        except ValueError as error:
            yield "quiet", f'"{self.quiet[:20]}" {error}', 'write "23:00-07:00"'
        names = [hook.name for hook in self.webhooks]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield "webhooks", f'"{name}" stands twice', "give each a name of its own"
