"""Who is let in to the deck in a browser, and what is refused before anything is served."""

import asyncio
import builtins
import json
import socket

import aiohttp
import pytest

from cockpit.__main__ import run
from cockpit.serve.check import Check
from sessions.storage.folders import SESSION
from tests.support.peers.served import need_serve
from tests.support.watch.watching import made


@pytest.fixture
async def served(tmp_path):
    """A server whose deck is a program that says nothing; its address, and a client."""
    need_serve()
    from cockpit.serve.server import Served, serve

    end, address = asyncio.Event(), asyncio.get_running_loop().create_future()
    what = Served("<b>one</b>", "exec cat >/dev/null", 1, "secret-token")
    serving = asyncio.ensure_future(serve(what, 0, address.set_result, end.wait))
    async with aiohttp.ClientSession() as client:
        yield client, await address
        end.set()
        await asyncio.wait_for(serving, 60)


async def code(client, address, **headers):
    async with client.get(address, headers=headers) as answer:
        return answer.status


async def test_nothing_is_served_without_the_token(served):
    client, address = served
    root = address.removesuffix("secret-token/")
    assert await code(client, address) == 200
    assert await code(client, f"{address}static/js/textual.js") == 200
    for path in ("", "ws", "static/js/textual.js", "other-token/", "secret-toke/", "secret-token2/", "%00/", "é/ws"):
        assert await code(client, root + path) == 404, path
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await client.ws_connect(f"{root}ws")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example:80"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Host": "["},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_page_of_elsewhere_is_refused(served, headers):
    client, address = served
    for path in ("", "ws", "static/js/textual.js"):
        assert await code(client, address + path, **headers) == 403


def test_names_of_this_machine():
    check = Check(80, "t")
    assert all(check.names_us(host) for host in ("127.0.0.1:80", "localhost:80", "[::1]:80"))
    assert not any(check.names_us(host) for host in ("", "localhost", "10.0.0.1:80", "evil:80", "127.0.0.1:x"))


async def test_the_page_forms_no_markup_and_loads_nothing_from_elsewhere(served):
    client, address = served
    async with client.get(address) as answer:
        text, headers = await answer.text(), answer.headers
    assert "<b>one" not in text
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "https://" not in text


async def test_only_so_many_look_and_a_place_comes_back(served):
    client, address = served
    first = await client.ws_connect(f"{address}ws")
    assert await code(client, address) == 503
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await client.ws_connect(f"{address}ws")
    for strange in ("no json", "[]", "[1]", "{}", json.dumps(["resize", {"width": "x"}]), json.dumps(["stdin", 5])):
        await first.send_str(strange)
    await first.send_json(["ping", 7])
    while (answer := await first.receive_json(timeout=60)) != ["pong", 7]:
        assert answer
    await first.close()
    while await code(client, address) == 503:
        pass  # until its deck has ended


def test_without_its_packages_it_is_one_line(tmp_path, monkeypatch, capfd):
    real = builtins.__import__

    def lacking(name, *rest, **facts):
        if name.startswith("textual_serve"):
            raise ModuleNotFoundError(name)
        return real(name, *rest, **facts)

    for name in ("cockpit.serve.server", "cockpit.serve.viewer"):
        monkeypatch.delitem(__import__("sys").modules, name, raising=False)
    monkeypatch.setattr(builtins, "__import__", lacking)
    folder = made(tmp_path / "one")
    assert run(["serve", str(folder)]) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "pip install 'cockpit[serve]'" in err


def test_a_port_in_use_and_a_damaged_session_are_one_line(tmp_path, capfd):
    need_serve()
    folder = made(tmp_path / "one")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run(["serve", str(folder), "--port", str(taken.getsockname()[1])]) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "choose another port" in err
    (folder / SESSION).write_text("x", "utf-8")
    assert run(["serve", str(folder)]) == 2
    assert capfd.readouterr().err.count("\n") == 1
