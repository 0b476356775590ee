"""What every question to MongoDB shares: a client, and why there was no answer, in words."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from pymongo import AsyncMongoClient
from pymongo import errors as e

from cockpit.sources.interface.source import SourceError
from sessions.text.clean import clean

Document = dict[str, Any]
Client = AsyncMongoClient[Document]

HELLO_SECONDS = 2.0
LOGIN_REFUSED, NOT_ALLOWED = 18, 13
REFUSED, FORBIDDEN = "login refused", "not allowed"


def mongo_client(uri: str) -> Client:
    """Return a client that asks once and never dies of one bad date or text. Raises SourceError.

    It asks a secondary where there is one, unless the address says otherwise.
    """
    try:
        options: dict[str, Any] = {} if _says_where_to_read(uri) else {"readPreference": "secondaryPreferred"}
        return AsyncMongoClient(
            uri,
            appname="cockpit",
            **options,
            # Whoever asks keeps the time (database.py): a driver's own limit hangs up and asks again on top.
            timeoutMS=None,
            retryReads=False,
            connectTimeoutMS=5000,
            serverSelectionTimeoutMS=1500,
            tz_aware=True,
            datetime_conversion="DATETIME_AUTO",
            unicode_decode_error_handler="replace",
        )
    except (e.PyMongoError, ValueError) as error:
        raise SourceError("no usable MongoDB address, write mongodb://host:port") from error


def reason(error: Exception, patience: float) -> str:
    """Say shortly why a question failed, `patience` in s; what the server says of it is cleaned."""
    if is_refused(error):
        return REFUSED
    if isinstance(error, e.OperationFailure) and not error.timeout:
        said = error.details.get("errmsg") if error.details else ""
        return FORBIDDEN if error.code == NOT_ALLOWED else clean(f"refused, code {error.code}: {said}")
    if isinstance(error, e.ServerSelectionTimeoutError):
        return "TLS refused" if "SSL" in str(error) else "no server"
    if is_slow(error):
        slow = isinstance(error, e.ExecutionTimeout)
        return f"too slow: over {patience:g} s" if slow else f"no answer in {patience:g} s"
    if isinstance(error, e.ConnectionFailure):
        return "connection lost"
    return clean(f"unreadable answer, {type(error).__name__}", 60)


def is_slow(error: Exception) -> bool:
    """Whether an answer did not come in time, at the server or here."""
    return isinstance(error, TimeoutError) or (isinstance(error, e.PyMongoError) and error.timeout)


def is_refused(error: Exception) -> bool:
    """Whether the login was refused: also where the driver only remembers that it was, and finds no other server."""
    if isinstance(error, e.ServerSelectionTimeoutError):
        return "AuthenticationFailed" in str(error)
    return isinstance(error, e.OperationFailure) and error.code == LOGIN_REFUSED


def _says_where_to_read(uri: str) -> bool:
    return any(name.lower() == "readpreference" for name in parse_qs(urlsplit(uri).query))
