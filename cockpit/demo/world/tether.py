"""Runs a program that must not outlive its parent: `python -m cockpit.demo.world.tether PARENT_PID PROGRAM ...`."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def surroundings() -> dict[str, str]:
    """Return an environment in which a Python child finds modules where we found them, and nowhere else."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def main(parent: int, program: list[str]) -> None:
    """Ask Linux to kill us with our parent, then become `program`; the request survives the change."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)
    os.execv(program[0], program)  # noqa: S606 (no shell is wanted)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
