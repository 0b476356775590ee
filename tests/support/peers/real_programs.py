"""Real programs as children of a test: Debian's Prometheus and Alertmanager, on free ports, ended by their pid."""

import json
import os
import shutil
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cockpit.demo.prometheus_child import PrometheusChild, is_ready, tethered
from cockpit.demo.world.database import free_port

REQUIRED = "COCKPIT_REQUIRE_REAL"


def program(name):
    """Return where a program is; without it the test is skipped aloud, or fails where the program is required."""
    found = shutil.which(name)
    if found is None:
        why = f"NOT PROVEN: there is no program called {name}; .ci/real makes it where its package can be had"
        (pytest.fail if os.environ.get(REQUIRED) == "1" else pytest.skip)(why)
    return found


@contextmanager
def prometheus(folder, targets=(), history="", scrape=0.25):
    """A Prometheus that scrapes `targets`; `history` is OpenMetrics text with a time on each line."""
    program("prometheus")
    if history:
        promtool = program("promtool")
        (folder / "history.txt").write_text(history, "utf-8")
        into = [str(folder / "history.txt"), str(folder / "prometheus")]
        command = [promtool, "tsdb", "create-blocks-from", "openmetrics", *into]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    with PrometheusChild(targets, folder, scrape) as url:
        yield url


@contextmanager
def victoria_metrics(folder, targets, scrape=0.25):
    """A VictoriaMetrics as its package has it that scrapes `targets` itself; skipped aloud where there is none."""
    where = shutil.which("victoria-metrics")
    if where is None:
        pytest.skip("NOT PROVEN: there is no program called victoria-metrics (Debian's package of that name)")
    port, span = free_port(), f"{round(scrape * 1000)}ms"
    job = {"job_name": "concierge", "static_configs": [{"targets": list(targets)}]}
    whole = {"global": {"scrape_interval": span, "scrape_timeout": span}, "scrape_configs": [job]}
    (folder / "scraping.yml").write_text(json.dumps(whole), "utf-8")  # JSON is YAML too
    options = [f"-promscrape.config={folder / 'scraping.yml'}", f"-storageDataPath={folder / 'victoria'}"]
    child = tethered([where, f"-httpListenAddr=127.0.0.1:{port}", *options], folder / "victoria.log")
    try:
        assert is_ready(child, f"http://127.0.0.1:{port}/health"), (folder / "victoria.log").read_text("utf-8")
        yield f"http://127.0.0.1:{port}"
    finally:
        child.kill()
        child.wait(60)


@contextmanager
def alertmanager(folder):
    """An Alertmanager that notifies nobody and talks to no other."""
    where, port = program("prometheus-alertmanager"), free_port()
    (folder / "alertmanager.yml").write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n", "utf-8")
    options = [f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder / 'alerts'}"]
    places = [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    child = tethered([where, *options, *places], folder / "alertmanager.log")
    try:
        assert is_ready(child, f"http://127.0.0.1:{port}/-/ready"), (folder / "alertmanager.log").read_text("utf-8")
        yield f"http://127.0.0.1:{port}"
    finally:
        child.kill()
        child.wait(60)


class Exporter:
    """A /metrics page that says what the test sets; `answered` counts how often it was asked."""

    def __init__(self, page):
        self.page, self.answered = page, 0
        exporter = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = exporter.page().encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                exporter.answered += 1

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.target = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def end(self):
        """Die: from now on it refuses."""
        self._server.shutdown()
        self._server.server_close()
