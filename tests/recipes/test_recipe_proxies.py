"""The recipes of Envoy and nginx, each a real proxy in front of a service, sent requests of known number."""

import re
import threading
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import indent

from cockpit.demo.world.database import free_port
from tests.support.peers.real_programs import program
from tests.support.recipes.page import opened, recipe, said
from tests.support.recipes.shop import FAST, SLOW, agree, minutes, running, sent

TIMES = 20
ENVOY = """
admin: {address: {socket_address: {address: 127.0.0.1, port_value: ADMIN}}}
stats_flush_interval: 0.2s
static_resources:
  listeners:
  - address: {socket_address: {address: 127.0.0.1, port_value: DOOR}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: shop
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
          route_config:
            virtual_hosts:
            - name: shop
              domains: ["*"]
RECIPE
              routes: [{match: {prefix: /}, route: {cluster: shop}}]
  clusters:
  - name: shop
    type: STATIC
    load_assignment:
      cluster_name: shop
      endpoints:
      - lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: SHOP}}}}]
"""
NGINX = """
daemon off;
master_process off;
worker_processes 1;
pid FOLDER/nginx.pid;
error_log FOLDER/error.log;
events {}
http {
  client_body_temp_path FOLDER/a;
  proxy_temp_path FOLDER/b;
  fastcgi_temp_path FOLDER/c;
  uwsgi_temp_path FOLDER/d;
  scgi_temp_path FOLDER/e;
FORMAT
  server {
    listen 127.0.0.1:DOOR;
LOG
    location / { proxy_pass http://127.0.0.1:SHOP; }
  }
}
"""


class Shop(BaseHTTPRequestHandler):
    """Takes its time and fails as the query says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        time.sleep(SLOW if "slow=1" in self.path else FAST)
        self.send_response(503 if "fail=1" in self.path else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET  # noqa: N815 (the name that the server calls)

    def log_message(self, *_):
        pass


@contextmanager
def shop():
    """The port of a service behind the proxy."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def counted(page, metric, least):
    """Wait until a page's lines of a metric add up to `least`: the proxy tells a little later than it answers."""
    deadline = time.monotonic() + 60
    while True:
        with urllib.request.urlopen(page, timeout=20) as answer:
            text = answer.read().decode()
        total = sum(float(value) for value in re.findall(rf"^{metric}(?:{{.*}})? (\d+)", text, re.MULTILINE))
        if total >= least:
            return
        assert time.monotonic() < deadline, f"{metric} is {total:g}, not {least}"
        time.sleep(0.05)


async def told(made, settings, door, page):
    """What the source counts is what was sent, and the doctor says what the page says."""
    source = await opened(settings)
    ends = f"{settings.sources['edge'].metrics.durations}_count"
    both = len(settings.endpoints)
    try:
        await sent(door, settings.endpoints, times=1, failed=0)
        counted(page, ends, both)
        now = datetime.now(UTC)
        await source.read(now)
        truth = await sent(door, settings.endpoints, times=TIMES)
        counted(page, ends, both * (TIMES + 1))
        agree(minutes(await source.read(now + timedelta(seconds=15))), truth)
        assert set(made.doctor) <= set(said(await source.examine(datetime.now(UTC))))
    finally:
        await source.aclose()


async def test_envoy_is_read_by_its_virtual_clusters(tmp_path):
    made = recipe("platforms.md", "Envoy")
    admin, door = free_port(), free_port()
    page = f"http://127.0.0.1:{admin}/stats/prometheus"
    settings = made.settings(at={"http://envoy.example.org:9901/stats/prometheus": page})
    with shop() as behind:
        text = ENVOY.replace("RECIPE", indent(made.one("yaml"), " " * 14))
        for word, port in (("ADMIN", admin), ("DOOR", door), ("SHOP", behind)):
            text = text.replace(f"port_value: {word}", f"port_value: {port}")
        config = tmp_path / "envoy.yaml"
        config.write_text(text, "utf-8")
        words = ["-c", str(config), "--concurrency", "1", "--log-level", "error", "--disable-hot-restart"]
        with running(tmp_path, "envoy", words, f"http://127.0.0.1:{admin}/ready"):
            await told(made, settings, f"http://127.0.0.1:{door}", page)


async def test_the_log_of_nginx_is_counted_by_mtail(tmp_path):
    program("nginx")
    made = recipe("platforms.md", "nginx")
    door, number = free_port(), free_port()
    page = f"http://127.0.0.1:{number}/metrics"
    settings = made.settings(at={"http://nginx.example.org:3903/metrics": page})
    log, counting = tmp_path / "cockpit.log", tmp_path / "cockpit.mtail"
    log.touch()
    counting.write_text(made.one("mtail"), "utf-8")
    words = ["-progs", str(counting), "-logs", str(log), "-address", "127.0.0.1", "-port", str(number)]
    with (
        shop() as behind,
        nginx(tmp_path, made, log, door, behind),
        running(tmp_path, "mtail", [*words, "-logtostderr", "-poll_interval", "100ms"], page),
    ):
        await told(made, settings, f"http://127.0.0.1:{door}", page)


def nginx(folder, made, log, door, behind):
    """A real nginx with the page's lines in its configuration."""
    maps, writes = made.blocks["nginx"]
    assert "/var/log/nginx/cockpit.log" in writes
    text = NGINX.replace("FORMAT", maps).replace("LOG", writes.replace("/var/log/nginx/cockpit.log", str(log)))
    for word, value in (("FOLDER", folder), ("DOOR", door), ("SHOP", behind)):
        text = text.replace(word, str(value))
    config = Path(folder) / "nginx.conf"
    config.write_text(text, "utf-8")
    words = ["-p", str(folder), "-e", str(folder / "early.log"), "-c", str(config)]
    return running(folder, "nginx", words, f"http://127.0.0.1:{door}/ready")
