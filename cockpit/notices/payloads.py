"""A notice in the format of each place. Pure. Foreign text in it notifies nobody, is no link, and is cut to fit."""

import json
import re
from collections.abc import Callable, Mapping

from msgspec import Struct

from cockpit.notices.notice import Notice

_SIGNS = re.compile(r"([!-/:-@\[-`{-~])")
_SLACK = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_NO_PREVIEWS = 4
"""Discord's flag for a message whose links show nothing."""
_LINES = 3000
_DISCORD = 2000
_NTFY_BYTES = 4000
_JSON = "application/json"


class Body(Struct, frozen=True):
    """What is posted: the bytes, and the headers that go with them."""

    content: bytes
    headers: Mapping[str, str]


def body(kind: str, notice: Notice) -> Body:
    """Write a notice for one of the kinds of `cockpit.settings.models.notifications.HOOKS`."""
    return _KINDS[kind](notice)


def _slack(notice: Notice) -> Body:
    """Three characters begin all that Slack would read in a text: mentions, links, entities."""
    text = "".join(_SLACK.get(char, char) for char in _text(notice, _LINES))
    return _in_json({"text": text, "mrkdwn": False, "link_names": False, "unfurl_links": False, "unfurl_media": False})


def _discord(notice: Notice) -> Body:
    """Escape all Markdown, and allow no mention."""
    text = _SIGNS.sub(r"\\\1", _text(notice, _DISCORD))
    return _in_json({"content": _cut(text, _DISCORD), "allowed_mentions": {"parse": []}, "flags": _NO_PREVIEWS})


def _teams(notice: Notice) -> Body:
    """A card of plain runs: a block of text would be read as Markdown."""
    lines = _text(notice, _LINES).split("\n")
    weights = ("Bolder", *("Default" for _ in lines[1:]))
    rows = [
        {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": line, "weight": weight}]}
        for line, weight in zip(lines, weights, strict=True)
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": rows,
    }
    attached = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return _in_json({"type": "message", "attachments": [attached]})


def _ntfy(notice: Notice) -> Body:
    """Plain text; over 4,096 bytes it would become an attached file."""
    content = _text(notice, _NTFY_BYTES).encode()[:_NTFY_BYTES].decode("utf-8", "ignore").encode()
    headers = {"Content-Type": "text/plain; charset=utf-8", "Priority": "5" if notice.urgent else "4"}
    return Body(content, headers)


def _json(notice: Notice) -> Body:
    items = [
        {"event": item.event, "ids": item.ids, "text": "\n".join(item.lines), "since": item.since.isoformat()}
        for item in notice.items
    ]
    return _in_json(
        {
            "service": notice.service,
            "phase": notice.phase,
            "at": notice.at.isoformat(),
            "urgent": notice.urgent,
            "text": _text(notice, _LINES),
            "items": items,
        }
    )


def _text(notice: Notice, most: int) -> str:
    return _cut("\n".join(notice.lines), most)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _in_json(values: Mapping[str, object]) -> Body:
    return Body(json.dumps(values, ensure_ascii=False).encode(), {"Content-Type": _JSON})


_KINDS: Mapping[str, Callable[[Notice], Body]] = {
    "slack": _slack,
    "discord": _discord,
    "teams": _teams,
    "ntfy": _ntfy,
    "json": _json,
}
