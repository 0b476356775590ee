"""Own PromQL whose answer does not name endpoints: watch and doctor say by which labels it is told, and what to set."""

import pytest

from cockpit.settings.models.traffic import Metrics, Prometheus, Queries
from cockpit.sources.prometheus.api import QuerySeries
from cockpit.sources.prometheus.cells import unlabelled
from cockpit.sources.prometheus.promql import PART

OWN = Queries(requests="a[$window]", errors="b[$window]", p95="c[$window]")


def row(part, **labels):
    return QuerySeries({PART: f"minute.{part}", **labels}, ((0.0, 1.0),))


def spec(queries=OWN, **metrics):
    return Prometheus(url="http://127.0.0.1:1", selector='job="x"', queries=queries, metrics=Metrics(**metrics))


@pytest.mark.parametrize("part", ["requests", "errors", "p95"])
def test_each_own_question_is_looked_at(part):
    rows = [row(part, method="GET"), row(part, method="GET", path="/x")]
    says = f'queries.{part}: no label endpoint: set metrics.endpoint = "path" (labels seen: method, path)'
    assert unlabelled(rows, spec()) == [says]


@pytest.mark.parametrize(
    "rows",
    [
        [row("requests", method="GET", endpoint="/x")],
        [row("requests", method="GET", endpoint="/of-others")],
        [row("up"), row("alive")],
        [],
    ],
)
def test_what_is_labelled_as_the_settings_say_is_no_complaint(rows):
    assert unlabelled(rows, spec()) == []


def test_our_own_words_and_a_label_that_holds_both_are_none_either():
    assert unlabelled([row("requests", method="GET")], spec(Queries())) == []
    assert unlabelled([row("requests", endpoint="GET /x")], spec(method="")) == []
