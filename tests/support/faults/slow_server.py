"""A database server in virtual time: what was asked goes on, also when nobody waits for it any more."""

import asyncio
from types import SimpleNamespace

from bson.codec_options import CodecOptions
from pymongo import ReadPreference
from pymongo import errors as e

_TICK = 0.25
_GRAIN = 1e-4
_LITTLE = 1e-4


class SlowServer:
    """Shares `power` (seconds of work per second) among all open operations, each of `work` seconds.

    One that `stops` ends what is over its maxTimeMS, as MongoDB does; another one works on to the end.
    """

    def __init__(self, stops=True, work=0.02):
        self.stops, self.work, self.power = stops, work, 1.0
        self.open, self.peak, self.asked, self.limits = 0, 0, 0, []
        self.client = _Client(self)

    async def carry(self, answer, max_time_ms, work=None):
        """Answer once the work is done; whoever asked may be gone by then."""
        return await asyncio.shield(
            asyncio.ensure_future(self._job(answer, max_time_ms / 1000, self.work if work is None else work))
        )

    async def _job(self, answer, limit, left):
        spent = 0.0
        self.asked += 1
        self.open += 1
        self.peak = max(self.peak, self.open)
        self.limits.append(limit)
        try:
            while left > 0:
                step = min(_TICK, left * self.open / self.power + _GRAIN)
                await asyncio.sleep(step)
                left, spent = left - step * self.power / self.open, spent + step
                if self.stops and spent >= limit:
                    raise e.ExecutionTimeout("operation exceeded time limit", 50)
        finally:
            self.open -= 1
        return answer


class _Client:
    def __init__(self, server):
        self._server = server

    def __getitem__(self, _name):
        return _Database(self._server)

    @property
    def topology_description(self):
        return SimpleNamespace(has_readable_server=lambda _: True)

    @property
    async def is_mongos(self):
        return False

    async def close(self):
        """Nothing is connected."""


class _Database:
    codec_options, read_preference = CodecOptions(), ReadPreference.PRIMARY

    def __init__(self, server):
        self._server = server
        self.client = server.client

    def __getitem__(self, _name):
        return _Records(self._server)

    async def command(self, *_, maxTimeMS, **__):  # noqa: N803 (the driver's word)
        answer = {"cursor": {"firstBatch": []}, "authInfo": {}, "ok": 1.0}
        return await self._server.carry(answer, maxTimeMS, _LITTLE)


class _Records:
    def __init__(self, server):
        self._server = server

    async def count_documents(self, _match, maxTimeMS):  # noqa: N803
        return await self._server.carry(0, maxTimeMS)

    async def estimated_document_count(self, maxTimeMS):  # noqa: N803
        return await self._server.carry(0, maxTimeMS)

    async def aggregate(self, _stages, *, maxTimeMS, **_):  # noqa: N803
        await self._server.carry(None, maxTimeMS)
        return self

    def find(self, *_, max_time_ms, **__):
        return _Cursor(self._server, max_time_ms)

    async def to_list(self):
        return []


class _Cursor:
    def __init__(self, server, max_time_ms):
        self._server, self._limit = server, max_time_ms

    def sort(self, _order):
        return self

    async def to_list(self):
        await self._server.carry(None, self._limit)
        return []
