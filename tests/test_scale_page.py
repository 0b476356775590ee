"""The page on scale: its unit is one that systemd takes, and its figures are those of a bench that is there."""

import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "scale.md").read_text("utf-8")
(UNIT,) = re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL)


def test_the_unit_watches_a_session_and_comes_back():
    unit = ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read_string(UNIT)
    service = unit["Service"]
    assert service["ExecStart"].split()[1:] == ["watch", "%i"]
    assert (service["Restart"], service["SuccessExitStatus"]) == ("on-failure", "143")
    assert service["UMask"] == "0077"


def test_systemd_takes_the_unit(tmp_path):
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("NOT PROVEN: there is no systemd-analyze")
    unit = tmp_path / "cockpit@concierge.service"
    here = UNIT.replace("/usr/local/bin/cockpit", "/bin/true").replace("User=cockpit\n", "")
    unit.write_text(here.replace("/etc/cockpit/secrets.env", "-/etc/cockpit/secrets.env"), "utf-8")
    done = subprocess.run([verify, "verify", unit], capture_output=True, text=True, timeout=60, check=False)
    assert "cockpit@concierge.service" not in done.stderr, done.stderr
    assert done.returncode == 0, done.stderr


def test_the_bench_of_the_page_is_there():
    (named,) = re.findall(r"`python tests/bench/run\.py --only (\w+)`", PAGE)
    assert f'"{named}": {named}.measure' in (ROOT / "tests" / "bench" / "run.py").read_text("utf-8")
