"""Whose file it is: nobody but its owner, and root, can have written it, put it there, or moved it in."""

import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from cockpit.settings.trust import ownership
from cockpit.settings.trust.own_text import UntrustedError, own_text
from cockpit.settings.trust.ownership import Owner, myself, why_not_mine

ME, OTHER, GROUP, SHARED = 1000, 1001, 1000, 50
FILE = Path("/home/me/work/cockpit.toml")
FOLDER, FAR = FILE.parent, FILE.parent.parent
MINE = Owner(ME, GROUP)


def tree(**odd):
    """Return how the path looks: all of it the owner's alone, but for what is `odd`, by its last name."""
    usual = {"/": (0, 0, 0o755), "/home": (0, 0, 0o755)}

    def look(path):
        uid, gid, mode = odd.get(path.name or "root") or usual.get(str(path)) or (ME, GROUP, 0o644)
        kind = stat.S_IFREG if path == FILE else stat.S_IFDIR
        return SimpleNamespace(st_uid=uid, st_gid=gid, st_mode=kind | mode)

    return look


NAME = FILE.name
FINE = [
    {},
    {NAME: (0, 0, 0o644)},
    {NAME: (ME, GROUP, 0o664)},
    {NAME: (ME, SHARED, 0o640)},
    {"work": (ME, GROUP, 0o775)},
    {"work": (0, 0, 0o755)},
    {"me": (ME, GROUP, 0o775)},
    {"home": (0, 0, 0o1777)},
    {"me": (0, SHARED, 0o1775)},
    {"root": (0, 0, 0o1777)},
]
BAD = [
    ({NAME: (OTHER, GROUP, 0o644)}, "belongs to another user"),
    ({NAME: (OTHER, GROUP, 0o600)}, "belongs to another user"),
    ({NAME: (ME, GROUP, 0o646)}, "others may write it"),
    ({NAME: (ME, GROUP, 0o602)}, "others may write it"),
    ({NAME: (ME, SHARED, 0o664)}, "others may write it"),
    ({NAME: (0, 0, 0o666)}, "others may write it"),
    ({NAME: (0, 0, 0o664)}, "others may write it"),
    ({"work": (OTHER, GROUP, 0o755)}, "its folder /home/me/work belongs to another user"),
    ({"work": (ME, GROUP, 0o777)}, "others may write in its folder /home/me/work"),
    ({"work": (ME, GROUP, 0o1777)}, "others may write in its folder /home/me/work"),
    ({"work": (0, 0, 0o1777)}, "others may write in its folder /home/me/work"),
    ({"work": (ME, SHARED, 0o775)}, "others may write in its folder /home/me/work"),
    ({"work": (ME, SHARED, 0o1775)}, "others may write in its folder /home/me/work"),
    ({"me": (OTHER, GROUP, 0o755)}, "its folder /home/me belongs to another user"),
    ({"me": (OTHER, GROUP, 0o1755)}, "its folder /home/me belongs to another user"),
    ({"me": (ME, GROUP, 0o777)}, "others may move what is in its folder /home/me:"),
    ({"me": (ME, SHARED, 0o770)}, "others may move what is in its folder /home/me:"),
    ({"home": (0, 0, 0o777)}, "others may move what is in its folder /home:"),
    ({"root": (0, 0, 0o777)}, "others may move what is in its folder /:"),
    ({"root": (OTHER, 0, 0o755)}, "its folder / belongs to another user"),
]


@pytest.mark.parametrize("odd", FINE, ids=str)
def test_what_only_its_owner_and_root_can_write_is_taken(odd):
    assert why_not_mine(FILE, MINE, tree(**odd)) == ""


@pytest.mark.parametrize(("odd", "why"), BAD, ids=str)
def test_what_others_can_have_written_is_not(odd, why):
    assert why_not_mine(FILE, MINE, tree(**odd)).startswith(why)


@pytest.mark.parametrize("odd", [{NAME: (ME, GROUP, 0o664)}, {"work": (ME, GROUP, 0o775)}, {"me": (ME, GROUP, 0o775)}])
def test_a_group_is_nobodys_own_where_it_has_others_or_a_list_gives_rights(odd, monkeypatch):
    assert why_not_mine(FILE, Owner(ME, None), tree(**odd)) != ""
    monkeypatch.setattr(os, "listxattr", lambda *_args, **_more: ["system.posix_acl_access"], raising=False)
    assert why_not_mine(FILE, MINE, tree(**odd)) != ""
    assert why_not_mine(FILE, MINE, tree()) == ""


def test_it_is_looked_at_from_the_root_down():
    """What was looked at cannot be replaced any more by whom it was looked for."""
    seen = []

    def look(path):
        seen.append(path)
        return tree()(path)

    why_not_mine(FILE, MINE, look)
    assert seen == [*reversed(FILE.parents), FILE]


def test_root_is_nobody_else_and_others_are_not_root():
    assert (
        why_not_mine(FILE, Owner(0, 0), tree(**{NAME: (0, 0, 0o600), "work": (0, 0, 0o700), "me": (0, 0, 0o755)})) == ""
    )
    assert why_not_mine(FILE, Owner(0, 0), tree()) != ""


@pytest.mark.parametrize(
    ("group", "members", "own"),
    [("me", [], 1000), ("me", ["me"], 1000), ("me", ["me", "you"], None), ("users", [], None)],
)
def test_ones_own_group_is_named_like_the_user_and_has_nobody_else(group, members, own, monkeypatch):
    import grp
    import pwd

    monkeypatch.setattr(pwd, "getpwuid", lambda _uid: SimpleNamespace(pw_name="me", pw_gid=1000))
    monkeypatch.setattr(grp, "getgrgid", lambda _gid: SimpleNamespace(gr_name=group, gr_mem=members))
    assert myself() == Owner(os.geteuid(), own)


def test_a_user_without_a_name_has_no_group_of_its_own(monkeypatch):
    import pwd

    def nobody(_uid):
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert myself() == Owner(os.geteuid())


def named(path):
    with pytest.raises(UntrustedError) as error:
        own_text(path)
    return str(error.value)


def test_the_real_disk_is_looked_at(tmp_path):
    path = tmp_path / "cockpit.toml"
    path.write_text("", "utf-8")
    assert own_text(path) == (path.resolve(), "")
    path.chmod(0o666)
    assert "others may write it: read it, then chmod go-w it" in named(path)
    path.chmod(0o600)
    tmp_path.chmod(0o1777)
    assert "others may write in its folder" in named(path)
    deep = tmp_path / "deep"
    deep.mkdir(0o700)
    other = path.rename(deep / path.name)
    assert own_text(other)[1] == ""  # below a sticky folder that others write in
    tmp_path.chmod(0o777)
    assert "others may move what is in its folder" in named(other)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_never_taken(tmp_path):
    path = tmp_path / "cockpit.toml"
    path.write_text("", "utf-8")
    os.chown(path, 12345, 12345)
    assert "belongs to another user: read it" in named(path)
    os.chown(path, 0, 0)
    os.chown(tmp_path, 12345, 12345)
    assert "belongs to another user: copy it" in named(path)


def test_a_link_is_followed_once_and_where_it_leads_counts(tmp_path, monkeypatch):
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    mine.mkdir(0o700)
    theirs.mkdir()
    theirs.chmod(0o777)
    (mine / "cockpit.toml").write_text('service = "mine"', "utf-8")
    (theirs / "cockpit.toml").write_text('service = "theirs"', "utf-8")
    (theirs / "link").symlink_to(mine / "cockpit.toml")
    (mine / "link").symlink_to(theirs / "cockpit.toml")
    assert own_text(theirs / "link") == (mine.resolve() / "cockpit.toml", 'service = "mine"')
    assert "others may write in its folder" in named(mine / "link")
    real = os.path.realpath
    flips = iter([mine / "cockpit.toml", theirs / "cockpit.toml", theirs / "cockpit.toml"])
    monkeypatch.setattr(
        os.path, "realpath", lambda path, **more: str(next(flips)) if Path(path).name == "link" else real(path, **more)
    )
    assert own_text(theirs / "link")[1] == 'service = "mine"'


def test_the_list_of_rights_is_asked_only_where_the_group_may_write(tmp_path):
    assert ownership._shared_by_list(tmp_path) is False
