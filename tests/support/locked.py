"""What the locked requirements are written of, in one figure. usage: python tests/support/locked.py."""

import hashlib
import json
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def inputs():
    """Return the digest of all that decides what is locked."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    said = [
        project["build-system"]["requires"],
        project["project"]["requires-python"],
        project["project"]["dependencies"],
        project["project"]["optional-dependencies"],
        (ROOT / "constraints.txt").read_text("utf-8"),
        *((ROOT / "requirements" / name).read_text("utf-8") for name in ("audit.in", "build.in")),
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


if __name__ == "__main__":
    sys.stdout.write(f"{inputs()}\n")
