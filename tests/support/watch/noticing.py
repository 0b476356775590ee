"""Notices on their way: settings of a channel, a notice to send, a place that only remembers."""

from cockpit.notices.dispatcher import NoticeDispatcher, open_dispatcher
from cockpit.notices.notice import Item, Notice
from cockpit.settings.models.notifications import Notifications, Webhook
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.secrets import Secret, Secrets
from tests.support.screen.grown_flight import NOW, TZ, ago

CANARY = "canary-5up3r-s3cr3t-0123456789"


def hook(name="phone", kind="json", **facts) -> Webhook:
    return Webhook(name=name, kind=kind, url=Secret("${HOOK}"), **facts)


def secrets(url="http://127.0.0.1:1/x", **more) -> Secrets:
    return Secrets({"HOOK": url, **more})


def item(*lines, event="alarms", ids=("verdict.latency",), urgent=False) -> Item:
    return Item(event, ids, lines or ("◆ latency 812 ms > 500 ms", "Done: the gate holds"), ago(minutes=2), urgent)


def notice(*items, channels=("phone",), head="shop · Phase 2 · 25 %") -> Notice:
    return Notice(NOW, "shop", 25, head, items or (item(),), channels)


class Place:
    """A channel that posts nothing, and answers what it is told to."""

    def __init__(self, wanted: Webhook, _secrets: Secrets, why: str = "") -> None:
        self.name, self.why = wanted.name, why
        self.posted: list[Notice] = []
        self.closed = False

    async def post(self, told: Notice) -> str:
        self.posted.append(told)
        return self.why

    async def aclose(self) -> None:
        self.closed = True


def dispatcher(*hooks: Webhook, quiet="", service="shop", known=None, why="") -> NoticeDispatcher:
    settings = Settings(service=service, notifications=Notifications(webhooks=hooks or (hook(),), quiet=quiet))
    return open_dispatcher(settings, known or secrets(), TZ, lambda wanted, them: Place(wanted, them, why))
