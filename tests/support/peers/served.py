"""The packages of `cockpit serve`, where a test needs them."""

import os
from importlib.util import find_spec

import pytest

from tests.support.peers.real_programs import REQUIRED


def need_serve():
    """Skip the test aloud without textual-serve, or fail it where the real thing is required."""
    if find_spec("textual_serve") is None:
        why = "NOT PROVEN: textual-serve is not installed: pip install -r requirements/dev.txt"
        (pytest.fail if os.environ.get(REQUIRED) == "1" else pytest.skip)(why)
