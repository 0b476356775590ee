"""Each sentence of the page on security names a test that is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"<!-- (tests/\S+\.py)::(test_\w+) -->")


def sentences():
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    return re.findall(r"^- .*(?:\n  .*)*", text, re.MULTILINE)


def test_every_sentence_names_its_test():
    assert len(sentences()) > 15
    assert [sentence for sentence in sentences() if not NAMED.search(sentence)] == []


def test_every_test_that_is_named_is_there():
    named = [pair for sentence in sentences() for pair in NAMED.findall(sentence)]
    missing = [name for path, name in named if f"def {name}(" not in (ROOT / path).read_text("utf-8")]
    assert missing == []
