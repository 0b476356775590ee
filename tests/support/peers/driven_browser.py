"""A real browser that a test drives: it opens a page, types, and tells what the page's terminal was sent."""

import asyncio
import base64
import contextlib
import json
import subprocess
import time

import aiohttp
import pyte

from tests.support.peers.browser import _QUIET, browser

COLUMNS, ROWS = 500, 200


class DrivenBrowser:
    """One page. An async context manager; on leaving nothing of it is left."""

    def __init__(self, folder):
        self.folder = folder
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.asked, self.closed, self.told = [], False, []
        self._answers, self._number, self._news = {}, 0, asyncio.Event()

    async def __aenter__(self):
        words = (
            *_QUIET,
            "--remote-debugging-port=0",
            "--window-size=1500,900",
            f"--user-data-dir={self.folder}",
            "about:blank",
        )
        self._program = _started([browser(), *words])
        self._session = aiohttp.ClientSession()
        port = await self._port()
        async with self._session.get(f"http://127.0.0.1:{port}/json") as answer:
            page = next(one for one in await answer.json(content_type=None) if one["type"] == "page")
        self._socket = await self._session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0)
        self._reading = asyncio.ensure_future(self._read())
        for domain in ("Network", "Page", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        return self

    async def __aexit__(self, *_):
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reading
        await self._socket.close()
        await self._session.close()
        self._program.kill()
        self._program.wait(60)

    async def _port(self):
        path, end = self.folder / "DevToolsActivePort", time.monotonic() + 60
        while time.monotonic() < end:
            if path.exists() and (text := path.read_text("ascii").split()):
                return text[0]
            await asyncio.sleep(0.02)
        raise AssertionError("the browser did not start")

    async def call(self, method, **facts):
        """Ask the browser for something."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": facts})
        return await asyncio.wait_for(answer, 60)

    async def open(self, address):
        await self.call("Page.navigate", url=address)

    async def type(self, text):
        """Click into the terminal and type characters, as a person does."""
        await self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=700, y=12, button="left", clickCount=1)
        for char in text:
            for kind in ("keyDown", "keyUp"):
                key = {"Enter": 13}.get(char, ord(char.upper()))
                said = {"text": char} if kind == "keyDown" else {}
                await self.call("Input.dispatchKeyEvent", type=kind, key=char, windowsVirtualKeyCode=key, **said)

    async def said(self, expression):
        """Return what an expression is in the page."""
        return (await self.call("Runtime.evaluate", expression=expression))["result"].get("value")

    async def until(self, holds, patience=60):
        """Wait until something holds; every message of the browser is a reason to look again."""
        end = time.monotonic() + patience
        while not holds():
            assert time.monotonic() < end, (self.text()[-3000:], self.told, self.asked)
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), 0.5)

    async def shows(self, word):
        await self.until(lambda: word in self.text())

    def text(self):
        """Return what the terminal in the page shows."""
        return "\n".join(line.rstrip() for line in self.screen.display if line.strip())

    async def picture(self, path):
        """Write a picture of the page."""
        path.write_bytes(base64.b64decode((await self.call("Page.captureScreenshot"))["data"]))

    async def _read(self):
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                answer = self._answers.pop(said["id"])
                if not answer.done():
                    answer.set_result(said.get("result", {}))
            else:
                self._hear(said["method"], said["params"])
            self._news.set()

    def _hear(self, method, facts):
        if method == "Network.webSocketFrameReceived" and facts["response"]["opcode"] == 2:
            self.stream.feed(base64.b64decode(facts["response"]["payloadData"]))
        elif method == "Network.requestWillBeSent" and facts["request"]["url"].startswith(("http", "ws")):
            self.asked.append(facts["request"]["url"])
        elif method == "Network.webSocketClosed":
            self.closed = True
        elif method in {"Log.entryAdded", "Runtime.exceptionThrown"}:
            self.told.append(str(facts)[:500])


def _started(command):
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
