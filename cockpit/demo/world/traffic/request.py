"""One request to the demo service, by a shopper or by the monitor."""

from collections.abc import Mapping
from typing import Any

import aiohttp

from cockpit.demo.world.traffic.headers import HAD_FLAG


async def send(
    session: aiohttp.ClientSession,
    endpoint: str,
    body: Mapping[str, Any],
    *,
    flag: bool,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send it and read the answer; without an answer the shopper leaves, and the service's own metrics show it."""
    method, path = endpoint.split(" ", 1)
    content: dict[str, Any] = {"params": body} if method == "GET" else {"json": body}
    content["headers"] = {HAD_FLAG: "on" if flag else "off", **(headers or {})}
    try:
        async with session.request(method, path, **content) as response:
            await response.read()
    except (aiohttp.ClientError, TimeoutError):
        return
