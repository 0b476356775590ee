"""A history in a folder of the test's own."""

from contextlib import closing

import pytest

from sessions.history.history import History


@pytest.fixture
def history_path(tmp_path):
    return tmp_path / "history.sqlite"


@pytest.fixture
def history(history_path):
    with closing(History(history_path)) as opened:
        yield opened
