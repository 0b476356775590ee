"""A text of the settings is whole or refused, never cut: a question that lost its end is another question."""

import pytest

from cockpit.settings.schema.fields import LONGEST
from cockpit.settings.schema.walk import leaves
from tests.support.sources.ordering import problems, spec

WORD = "requests_total + "
WHERE = {
    "text": (
        "prometheus",
        'url = "http://127.0.0.1"\nselector = "x"\nqueries = { requests = "@" }',
        "queries.requests",
    ),
    "address": ("json", 'topic = "queue"\nurl = "http://127.0.0.1/?q=@"', "url"),
    "addresses": ("scrape", 'urls = ["http://127.0.0.1/a", "http://127.0.0.1/?q=@"]', "urls[1]"),
    "expression": ("json", 'topic = "queue"\nurl = "http://127.0.0.1"\nfields = { open = "\'@\'" }', "fields.open"),
    "program": ("command", 'topic = "queue"\nargv = ["ask", "@"]', "argv[1]"),
    "list": ("alertmanager", 'url = "http://127.0.0.1"\nfilters = ["@"]', "filters[0]"),
    "header": ("scrape", 'urls = ["http://127.0.0.1"]\nheaders = { X-Note = "@" }', "headers.X-Note"),
    "secret": ("scrape", 'urls = ["http://127.0.0.1"]\ntoken = "${TOKEN}@"', "token"),
}


def of_length(count):
    return (WORD * (count // len(WORD) + 1))[:count]


@pytest.mark.parametrize("name", WHERE)
def test_a_long_text_is_read_whole(name):
    kind, text, _ = WHERE[name]
    for count in (399, 400, 401, 4000, 15_000):
        long = of_length(count).replace(" ", "_").rstrip("_") + "END"
        said = [getattr(leaf, "template", leaf) for _, leaf in leaves(spec(kind, text.replace("@", long)))]
        assert long in repr(said)


@pytest.mark.parametrize("name", WHERE)
def test_one_that_would_have_to_be_cut_is_refused_with_both_lengths(name):
    kind, text, where = WHERE[name]
    told = problems(kind, text.replace("@", "x" * (LONGEST + 1)))
    assert any(one.startswith(f"{where}: has ") and f"at most {LONGEST:,} are kept" in one for one in told), told
