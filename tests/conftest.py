"""What every test has: folders of its own, signals that end a program, and a machine that may be slow."""

import signal

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:  # a shell starts what runs in the background like that
        signal.signal(number, usual)


@pytest.fixture(autouse=True)
def state_folder(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path_factory.mktemp("nobodys")))
    monkeypatch.setenv("COCKPIT_STATE", str(folder))
    return folder
