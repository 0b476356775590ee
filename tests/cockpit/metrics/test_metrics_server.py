"""Who may read the metrics, and that nobody who reads them can be a burden."""

import contextlib
import http.client
import socket
import threading

import pytest

import cockpit.metrics.server
from cockpit.metrics.address import Address, address_of
from cockpit.metrics.server import READERS, MetricsServer
from cockpit.runtime.errors import BadInputError


@pytest.fixture
def server():
    one = MetricsServer(Address("127.0.0.1", 0))
    one.start(lambda accepts: (f"a 1\n{accepts}".encode(), "text/plain"))
    yield one
    one.stop()


def get(server, path="/metrics", method="GET", **headers):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)) as there:
        there.request(method, path, headers=headers)
        answer = there.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())


def test_the_page_and_nothing_else(server):
    assert get(server)[:2] == (200, "a 1\n")
    assert get(server, Accept="x/y")[1] == "a 1\nx/y"
    assert get(server, "/metrics?x=1")[0] == 200
    assert get(server, method="HEAD")[:2] == (200, "")
    assert get(server, "/")[0] == 404
    assert get(server, "/../metrics")[0] == 404
    assert get(server, method="POST")[0] == 501


@pytest.mark.parametrize("host", ["localhost", "localhost:9464", "127.0.0.1", "127.9.9.9:1", "[::1]:9464"])
def test_by_a_name_of_this_machine(server, host):
    assert get(server, Host=host)[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:9464", "localhost.evil.example", "10.0.0.1", "", "[", "[::"]
)
def test_a_page_of_elsewhere_whose_name_was_turned_to_this_machine_reads_nothing(server, host):
    assert get(server, Host=host)[0] == 403


def test_what_fails_is_told_without_its_words(server):
    def fails(_accepts):
        raise ValueError("secret")

    server.page = fails
    assert get(server)[:2] == (500, "cannot be told: ValueError\n")


def refused(server):
    try:
        get(server)
    except (OSError, http.client.HTTPException):
        return True
    return False


def test_readers_who_say_nothing_keep_nobody_out_for_long(server, monkeypatch):
    waits = [socket.create_connection(("127.0.0.1", server.server_port)) for _ in range(READERS)]
    for one in waits[1:]:
        one.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ")  # and never comes to an end
    assert any(refused(server) for _ in range(9999))  # once all of them have their places
    monkeypatch.setattr(cockpit.metrics.server, "PATIENCE", 0.0)
    for one in waits:
        one.settimeout(60)
        assert one.recv(1) == b""
        one.close()
    assert threading.active_count() < 50


def test_a_port_in_use_is_one_line(server):
    with pytest.raises(
        BadInputError, match=r"^--metrics 127\.0\.0\.1:\d+: Address already in use: choose another port$"
    ):
        MetricsServer(Address("127.0.0.1", server.server_port))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9464", Address("127.0.0.1", 9464)),
        ("localhost:0", Address("127.0.0.1", 0)),
        ("[::1]:80", Address("::1", 80)),
        ("127.1.2.3:65535", Address("127.1.2.3", 65535)),
    ],
)
def test_addresses_of_this_machine(text, address):
    assert address_of(text, public=False) == address


@pytest.mark.parametrize(
    "text",
    ["", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", "::1:9464",
     "host.example:9464", "http://127.0.0.1:9464", "127.0.0.1:9464/metrics", "127.0.0.1:٣", "127.1:80", "256.0.0.1:80",
     "127.0.0.1 :80", "[::1%lo]:80", "[]:80", "127.0.0.1:9464\n"],
)  # fmt: skip
def test_what_is_none_is_one_line(text):
    for public in (False, True):
        with pytest.raises(BadInputError, match="is no address") as told:
            address_of(text, public=public)
        assert "\n" not in str(told.value)


@pytest.mark.parametrize("text", ["0.0.0.0:9464", "[::]:9464", "10.1.2.3:9464", "[2001:db8::1]:9464"])
def test_others_read_it_only_where_that_is_said_aloud(text):
    with pytest.raises(BadInputError, match="others on the network could read it"):
        address_of(text, public=False)
    assert address_of(text, public=True).port == 9464
