"""Whether a file is the owner's alone: nobody else may write it, replace it, or move a folder above it."""

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from sessions.text.clean import clean

Look = Callable[[Path], os.stat_result]

_ACL = "system.posix_acl_access"


class Owner(Struct, frozen=True):
    """Who runs the cockpit: the user's id, and the group that nobody else is in, where there is one."""

    uid: int
    own_group: int | None = None


def myself() -> Owner:
    """Return who runs this process."""
    import grp
    import pwd

    uid = os.geteuid()
    with contextlib.suppress(KeyError):
        user = pwd.getpwuid(uid)
        group = grp.getgrgid(user.pw_gid)
        if group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}:
            return Owner(uid, user.pw_gid)
    return Owner(uid)


def why_not_mine(path: Path, owner: Owner | None = None, look: Look = os.lstat) -> str:
    """Say why nobody can tell who wrote the file at the real `path`, and what to do; empty if it is the owner's.

    It looks from the root downwards: what was looked at cannot be replaced by others any more. Raises OSError.
    """
    me = owner or myself()
    return next(filter(None, (*_above(path, me, look), _of_file(path, look(path), me))), "")


def _above(path: Path, me: Owner, look: Look) -> Iterator[str]:
    for folder in reversed(path.parents):
        found = look(folder)
        direct = folder == path.parent
        if found.st_uid not in {me.uid, 0}:
            yield f"its folder {clean(folder)} belongs to another user: copy it into a folder of your own"
        elif _others_write(folder, found, me) and (direct or not found.st_mode & stat.S_ISVTX):
            what = "others may write in" if direct else "others may move what is in"
            yield f"{what} its folder {clean(folder)}: chmod go-w that, or copy it into a folder of your own"


def _of_file(path: Path, found: os.stat_result, me: Owner) -> str:
    if found.st_uid not in {me.uid, 0}:
        return "belongs to another user: read it, and copy what you want of it into a file of your own"
    return "others may write it: read it, then chmod go-w it" if _others_write(path, found, me) else ""


def _others_write(path: Path, found: os.stat_result, me: Owner) -> bool:
    if found.st_mode & stat.S_IWOTH:
        return True
    return bool(found.st_mode & stat.S_IWGRP) and (found.st_gid != me.own_group or _shared_by_list(path))


def _shared_by_list(path: Path) -> bool:
    """Whether an access list names others: the rights of the group are then the most that the list gives."""
    try:
        return _ACL in os.listxattr(path, follow_symlinks=False)
    except (AttributeError, OSError):
        return False
