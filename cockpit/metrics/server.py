"""A small HTTP server for one page: few readers at a time, each for a few seconds. No reader can delay the watch."""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from cockpit.metrics.address import Address
from cockpit.runtime.errors import BadInputError
from sessions.text.clean import clean

READERS = 4
"""So many are answered at a time; one more is hung up on."""
PATIENCE = 5.0
"""Seconds that one reader may take in all."""
PAGE = "/metrics"

Page = Callable[[str], tuple[bytes, str]]
"""Returns the page and its kind for what a reader accepts."""


class MetricsServer(ThreadingHTTPServer):
    """Listens once it is made, answers from `start` to `stop`. Raises BadInputError if it cannot listen."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, address: Address) -> None:
        self.address_family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        self.address = address
        self.page: Page = lambda _accepts: (b"", "text/plain")
        self._places = threading.BoundedSemaphore(READERS)
        self._begun: dict[Any, float] = {}
        self._thread: threading.Thread | None = None
        try:
            super().__init__((address.host, address.port), _Answer)
        except OSError as error:
            where = clean(f"{address.host}:{address.port}")
            raise BadInputError(f"--metrics {where}: {error.strerror or error}: choose another port") from error

    @property
    def url(self) -> str:
        """Where it is read."""
        return self.address.url(self.server_port)

    def start(self, page: Page) -> None:
        """Begin to answer with `page`, on a thread of its own."""
        self.page = page
        self._thread = threading.Thread(target=self.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer no more. Harmless before the start."""
        if self._thread is not None:
            self.shutdown()
        self.server_close()

    def server_bind(self) -> None:
        """Bind without asking anybody for the name of this machine."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.address.host, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer on another thread, if one is free."""
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        self._begun[request] = time.monotonic()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and give the place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._begun.pop(request, None)
            self._places.release()

    def service_actions(self) -> None:
        """Close connections that take too long."""
        late = time.monotonic() - PATIENCE
        for request, begun in tuple(self._begun.items()):
            if begun < late:
                self._begun.pop(request, None)
                _hang_up(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a reader that went away."""

    def meant(self, host: str) -> bool:
        """Whether a request names us: a page of elsewhere whose name was turned to this machine does not."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
            return not self.address.loopback or name == "localhost" or ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False


def _hang_up(request: socket.socket) -> None:
    try:
        request.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is gone already


class _Answer(BaseHTTPRequestHandler):
    """One question. Nothing of it is written anywhere."""

    server: MetricsServer
    timeout = PATIENCE
    server_version, sys_version = "cockpit", ""

    def do_GET(self) -> None:
        """Answer."""
        if not self.server.meant(self.headers.get("Host", "")):
            self._say(403, b"this is read under an address of this machine\n")
        elif urlsplit(self.path).path != PAGE:
            self._say(404, b"/metrics is all there is\n")
        else:
            self._tell()

    def do_HEAD(self) -> None:
        """Answer without the page."""
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is the base's)
        """Say nothing."""

    def _tell(self) -> None:
        try:
            page, kind = self.server.page(self.headers.get("Accept", ""))
        except Exception as error:  # noqa: BLE001 - a defect here is told to whoever asked, and takes nothing along
            self._say(500, f"cannot be told: {type(error).__name__}\n".encode())
        else:
            self._say(200, page, kind)

    def _say(self, code: int, page: bytes, kind: str = "text/plain; charset=utf-8") -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(page)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page)
