"""The deck in a real Chromium: it opens, lives, refuses to act, and ends with its server and its session."""

import os
import re
import signal

import psutil
import pytest

from sessions.storage.folders import SESSION
from sessions.values.entries import Draft
from tests.support.peers.driven_browser import DrivenBrowser
from tests.support.peers.served import need_serve
from tests.support.processes.program import Program
from tests.support.watch.watching import made, put

pytestmark = [pytest.mark.timeout(170), pytest.mark.xdist_group("chromium")]


@pytest.fixture
def folder(tmp_path):
    return made(tmp_path / "concierge", percent=10)


@pytest.fixture
def server(folder):
    need_serve()
    with Program("serve", str(folder)) as program:
        program.said("serving ")
        yield program


def address(program):
    return re.search(r"http://\S+", program.lines[0])[0]


def children(program):
    return psutil.Process(program.process.pid).children(recursive=True)


async def test_it_opens_lives_and_refuses_to_act(folder, server, tmp_path):
    before = (folder / SESSION).read_bytes()
    async with DrivenBrowser(tmp_path / "profile") as page:
        await page.open(address(server))
        await page.shows("Gate to 25 %")
        assert await page.said("document.body.classList.contains('-first-byte')")
        put(folder, 10, Draft("note.written", "owner", "the new look is liked"))
        await page.shows("the new look is liked")
        after = (folder / SESSION).read_bytes()
        await page.type(" ")
        await page.shows("Read-only: nothing can be done")
        assert (folder / SESSION).read_bytes() == after != before
        assert {one for one in page.asked if not one.startswith(address(server))} == set()
        assert [one for one in page.told if "Content Security Policy" in one] == []
        await page.picture(tmp_path / "page.png")
        token = address(server).split("/")[-2]
        told = [(child.cmdline(), child.environ()) for child in children(server)]
        assert told
        assert token not in str(told)
        running = children(server)
        assert server.end(signal.SIGTERM) == (128 + signal.SIGTERM, "")
        await page.until(lambda: page.closed)
        _, alive = psutil.wait_procs(running, 60)
        assert alive == []
        await page.until(lambda: page.closed)
        assert await page.said("document.body.classList.contains('-closed')")
    assert token not in "".join(server.lines[1:])


async def test_it_ends_with_its_session(folder, server, tmp_path):
    async with DrivenBrowser(tmp_path / "profile") as page:
        await page.open(address(server))
        await page.shows("Gate to 25 %")
        put(folder, 10, Draft("session.concluded", "owner", "x", {"evidence": ()}))
        await page.until(lambda: page.closed)
        assert server.process.wait(60) == 0
        assert server.said("the session is concluded")


async def test_a_deck_ends_with_its_tab_and_with_a_server_that_is_killed(server, tmp_path):
    async with DrivenBrowser(tmp_path / "profile") as page:
        await page.open(address(server))
        await page.shows("Gate to 25 %")
        first = children(server)
        await page.open("about:blank")
        assert psutil.wait_procs(first, 60)[1] == []
        await page.open(address(server))
        await page.until(lambda: len(children(server)) > 0)
        second = children(server)
        os.kill(server.process.pid, signal.SIGKILL)
        assert psutil.wait_procs(second, 60)[1] == []
