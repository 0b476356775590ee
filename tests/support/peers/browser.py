"""A real browser without a window: what it paints of a file, and what it asks the network for."""

import shutil
import struct
import subprocess
import threading
import zlib
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome-headless-shell")
DARK, LIGHT = 0, 1
_QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    "--disable-features=OptimizationHints,MediaRouter,Translate",
)


def browser():
    """Return where Chromium is; without it the test is skipped aloud."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("NOT PROVEN: there is no program called chromium (Debian's package of that name)")
    return found


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        self.asked = asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_error(404)

            def do_CONNECT(self):
                self.do_GET()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@contextmanager
def network():
    """Yield a proxy that remembers every address that is asked for, and has none of them."""
    with _Proxy() as proxy:
        threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield proxy
        finally:
            proxy.shutdown()


def opened(page, folder, *options, asked=None):
    """Open a file and return what Chromium printed; every request of it goes to the proxy `asked`."""
    through = [f"--proxy-server=127.0.0.1:{asked.server_port}", "--proxy-bypass-list=<-loopback>"] if asked else []
    command = [browser(), *_QUIET, f"--user-data-dir={folder / 'profile'}", *through, *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, timeout=60, check=True).stdout.decode("utf-8", "replace")


def painted(page, folder, scheme, width=1200, height=900):
    """Return the picture of a file as (red, green, blue) rows."""
    path = folder / f"picture-{scheme}-{width}.png"
    look = (
        f"--screenshot={path}",
        f"--window-size={width},{height}",
        f"--blink-settings=preferredColorScheme={scheme}",
    )
    opened(page, folder, *look)
    return pixels(path.read_bytes())


def pixels(data):
    """Return the rows of a PNG of eight bits a colour."""
    at, packed, head = 8, b"", ()
    while at < len(data):
        (size,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + size]
        head = struct.unpack(">IIBBBBB", body) if kind == b"IHDR" else head
        packed += body if kind == b"IDAT" else b""
        at += size + 12
    width, height, depth, colour = head[:4]
    assert depth == 8
    size = {2: 3, 6: 4}[colour]
    rows, raw, before = [], zlib.decompress(packed), bytearray(width * size)
    for number in range(height):
        start = number * (width * size + 1)
        before = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + width * size]), before, size)
        rows.append([tuple(before[x : x + 3]) for x in range(0, width * size, size)])
    return rows


def _unfiltered(kind, row, above, size):
    for x in range(len(row)):
        left, up = row[x - size] if x >= size else 0, above[x]
        corner = above[x - size] if x >= size else 0
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]
        row[x] = (row[x] + guess) & 255
    return row


def _paeth(left, up, corner):
    whole = left + up - corner
    return min((left, up, corner), key=lambda one: abs(whole - one))
