"""What a Prometheus reads of a judgement, by series; a door that shows one without a watch."""

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from cockpit.metrics.publishing import Judged
from cockpit.metrics.watching import About
from cockpit.runtime.clock import Clock
from cockpit.session.both_files import look
from tests.support.watch.watching import made

ABOUT = About("1.2.3", 1)


class Showing:
    """A door with the judgement that the test gives it."""

    viewer = ""

    def __init__(self, judgement, follows=""):
        self.judgement, self.follows, self.listeners = judgement, follows, []

    def latest(self):
        return self.judgement

    def on_change(self, wake):
        self.listeners.append(wake)

    def show(self, judgement):
        self.judgement = judgement
        for wake in self.listeners:
            wake()


def page_of(door, now=None):
    """Return the page as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Judged(door, lambda: now or door.latest().at, ABOUT))
    return generate_latest(registry).decode()


def series_of(page):
    """Return each series with its value, by its name and its sorted labels."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def told(judgement, now=None, follows=""):
    return series_of(page_of(Showing(judgement, follows), now))


def in_state(series, name, **thing):
    """Return the state that a thing is in; it must be in one alone."""
    rows = [(dict(key[1:]), value) for key, value in series.items() if key[0] == f"cockpit_{name}"]
    found = [labels["state"] for labels, value in rows if value == 1 and thing.items() <= labels.items()]
    assert len(found) == 1, found
    return found[0]


def judged_page(tmp_path):
    """Return the page of a session that has just begun."""
    return page_of(Showing(look(made(tmp_path / "session"), Clock(), None)))
