"""What a database lets its user do: read rights suffice, and more rights are a needless danger."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from pymongo.errors import OperationFailure

from cockpit.sources.database.client import is_refused
from cockpit.sources.database.database import Base
from sessions.text.clean import clean

WARNING = "this user may write: a reader's rights suffice"

_WRITES = frozenset(
    ("insert", "update", "remove", "anyAction", "bypassDocumentValidation", "collMod", "convertToCapped")
)
_SHAPES = frozenset(("createCollection", "dropCollection", "dropDatabase", "createIndex", "dropIndex"))
_ANYWHERE = "AnyDatabase"
_EVERYTHING = frozenset(("root", "restore", "__system"))
_WRITERS = frozenset(("readWrite", "dbAdmin", "dbOwner", "userAdmin"))


class Rights(Struct, frozen=True):
    """Who is logged in (cleaned, empty: nobody had to), and what the server says that they may do."""

    user: str
    privileges: Sequence[Mapping[str, Any]] = ()
    roles: Sequence[Mapping[str, Any]] = ()

    def may_write(self, database: str) -> bool:
        """Whether anything in the database could be changed."""
        if self.privileges:
            return any((_WRITES | _SHAPES) & _actions(one) for one in self.privileges if _covers(one, database))
        return any(_writes(role, database) for role in self.roles)


async def rights(admin: Base) -> Rights | None:
    """Return the rights in force, None if the server does not tell. Raises PyMongoError when it does not answer."""
    try:
        answer = await admin.command("connectionStatus", showPrivileges=True)
    except OperationFailure as error:
        if error.timeout or is_refused(error):
            raise
        return None
    info = answer.get("authInfo", {})
    users = [one for one in info.get("authenticatedUsers", ()) if isinstance(one, Mapping)]
    name = clean(f"{users[0].get('user', '?')}@{users[0].get('db', '?')}", 60) if users else ""
    return Rights(name, _tables(info, "authenticatedUserPrivileges"), _tables(info, "authenticatedUserRoles"))


async def rights_note(admin: Base, database: str) -> str:
    """Return the one warning that a user with more than a reader's rights gets, else nothing. Raises PyMongoError."""
    found = await rights(admin)
    return WARNING if found is not None and found.user and found.may_write(database) else ""


def _tables(info: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    return [one for one in info.get(name) or () if isinstance(one, Mapping)]


def _actions(privilege: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(action for action in privilege.get("actions", ()) if isinstance(action, str))


def _covers(privilege: Mapping[str, Any], database: str) -> bool:
    """Whether a privilege reaches into the database; an empty name is every one."""
    resource = privilege.get("resource")
    return isinstance(resource, Mapping) and (bool(resource.get("anyResource")) or resource.get("db") in ("", database))


def _writes(role: Mapping[str, Any], database: str) -> bool:
    name, home = str(role.get("role")), role.get("db")
    if home == "admin" and (name in _EVERYTHING or (name.endswith(_ANYWHERE) and name[: -len(_ANYWHERE)] in _WRITERS)):
        return True
    return home == database and name in _WRITERS
