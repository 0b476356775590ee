"""The surroundings of an installed program: its bytecode is kept, as pip leaves it, here in a folder that goes."""

import os
from collections.abc import Mapping
from pathlib import Path


def surroundings(place: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment, with `extra`, in which modules are compiled once for all starts from `place`."""
    found = {**os.environ, "PYTHONPYCACHEPREFIX": str(place / "bytecode"), **extra}
    return {**found, "PYTHONDONTWRITEBYTECODE": ""}  # empty is as if it were not set
