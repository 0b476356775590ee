"""Who sits at the keyboard, on any machine."""

import getpass
import os

from cockpit.runtime import person as persons
from cockpit.runtime.person import person


def test_it_is_the_user_at_the_machine(monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "anna")
    monkeypatch.setattr(persons, "gethostname", lambda: "night\x1b[31m")
    assert person().startswith("anna@night")
    assert "\x1b" not in person()


def test_a_user_without_a_name_is_told_by_number(monkeypatch):
    def nameless():
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert person().startswith(f"{os.getuid()}@")
