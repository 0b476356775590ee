"""One request to the demo service, by a shopper or by the monitor, and the headers that say whose it is."""

from collections.abc import Mapping
from typing import Any

import aiohttp

SYNTHETIC = "X-Synthetic"
"""The header of a request that a probe or the monitor sends: counted like any other, it writes no documents."""

HAD_FLAG = "X-Flag"
"""The header of who has the flag (`on`) and who has not (`off`); a request without it tries the feature."""

RUN_ID = "X-Run-Id"
"""The header that names a synthetic run; its events carry the name."""


async def send(
    session: aiohttp.ClientSession,
    endpoint: str,
    body: Mapping[str, Any],
    *,
    flag: bool,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send it and read the answer; who gets none walks away, the service's own metrics tell."""
    method, path = endpoint.split(" ", 1)
    content: dict[str, Any] = {"params": body} if method == "GET" else {"json": body}
    content["headers"] = {HAD_FLAG: "on" if flag else "off", **(headers or {})}
    try:
        async with session.request(method, path, **content) as response:
            await response.read()
    except (aiohttp.ClientError, TimeoutError):
        return
