"""Whether an answer says that it is one page of several, where the next one is, and several pages as one document."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
import jmespath
from msgspec import Struct

from cockpit.settings.models.json_answers import ROWS, SHAPES, Shape
from sessions.text.clean import clean

_DEPTH = 5
"""How deep an answer is looked into for what it says of pages, rows left out."""

_LINK = re.compile(r"<([^>]*)>((?:[^,\"<]|\"[^\"]*\")*)")
_PARAM = re.compile(r";\s*([\w*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;,]*))")
_ADDRESS = re.compile(r"https?://|/|[\w./-]*\?")
_PLACES = {"next", "nextpage", "nextlink", "nexturl", "nexthref", "nextpageurl", "nextpagelink"}
_CURSORS = {"nextcursor", "nextpagetoken", "nexttoken", "nextmarker", "nextoffset", "continuationtoken", "nextpagekey"}
_MORE = {"hasmore", "hasnext", "hasnextpage", "more", "moreresults", "truncated", "istruncated", "incompleteresults"}
_LAST = {"islast", "islastpage", "last"}
_TOTALS = {
    "total",
    "totalcount",
    "totalresults",
    "totalitems",
    "totalelements",
    "totalrecords",
    "totalhits",
    "numfound",
}
_CUT_BY = {"limit", "perpage", "pagesize", "offset", "page", "size", "maxresults", "startat", "pagelen", "skip"}
_TOTAL_HEADERS = ("x-total-count", "x-total", "x-wp-total")
_ADDRESSES = ("href", "link", "url")
_SHOWN_ONLY = ("titles", "examples")
_ROW_FREE = {
    *("field", "identity", "current", "subexpression", "literal", "index_expression", "index", "comparator"),
    *("or_expression", "and_expression", "not_expression", "pipe", "function_expression"),
}
_ROW_FREE_CALLS = {"to_number", "to_string", "not_null", "type", "abs", "ceil", "floor"}


class Hint(Struct, frozen=True):
    """What one page says of others: where the `next` one is, or `why` there is one that cannot be asked for.

    Both are empty if nothing says so; `whole` is set where something says that this is the last one.
    """

    next: str = ""
    why: str = ""
    whole: bool = False


def hinted(url: str, headers: Mapping[str, str], document: object) -> Hint:
    """Return what a page that was had from `url` says of the next one; `headers` have names in small letters."""
    found = [*_in_headers(headers), *_in_body(document)]
    place = next((hint.next for hint in found if hint.next), "")
    if place:
        return _reached(url, place)
    why = next((hint.why for hint in found if hint.why), "")
    return Hint(why=why) if why else Hint(whole=any(hint.whole for hint in found))


def short_of(headers: Mapping[str, str], document: object, pages: int) -> str:
    """Say that there are more rows or pages than were read, by the totals that stand there; empty if there are not.

    `document` is all that was read, in `pages` pages; a total is compared with its longest list.
    """
    rows = max((len(value) for value in _lists(document, _DEPTH)), default=None)
    if rows is None:
        return ""
    given = [_number(headers.get(name)) for name in _TOTAL_HEADERS]
    given.append(_number(headers.get("content-range", "").rpartition("/")[2]))
    total = max([number for number in (*given, *_totals(document)) if number is not None], default=0)
    if total > rows:
        return f"{rows:,} of {total:,} rows"
    many = [_number(value) or 0 for key, _, value in _members(document, _DEPTH) if key in {"totalpages", "pagecount"}]
    of = max([*many, _number(headers.get("x-total-pages")) or 0])
    return f"page {pages} of {of:,}" if of > pages else ""


def row_free(shape: Shape) -> bool:
    """Whether no row is counted or searched by us: then the first page says the same as all of them.

    The topics that are one object may take their figures from beside the rows, as a count that the server made.
    """
    if shape.topic in ROWS:
        return False
    judged = [name for name in SHAPES[shape.topic] if name not in _SHOWN_ONLY]
    return all(_touches_no_row(jmespath.compile(shape.fields[name]).parsed) for name in judged if name in shape.fields)


def joined(first: object, second: object, depth: int = _DEPTH) -> object:
    """Return two pages as one document: the rows of both, and the other parts of the first."""
    if isinstance(first, list) and isinstance(second, list):
        return [*first, *second]
    if isinstance(first, dict) and isinstance(second, dict) and depth:
        more = {key: value for key, value in second.items() if key not in first and isinstance(value, list)}
        return {key: joined(value, second.get(key), depth - 1) for key, value in first.items()} | more
    return first


def of_one_form(first: object, second: object) -> bool:
    """Whether the second page has rows where the first one has: one that has not is an answer of another kind."""
    places = set(_places_of_lists(first, _DEPTH))
    return not places or bool(places & set(_places_of_lists(second, _DEPTH)))


def _places_of_lists(document: object, depth: int, above: str = "") -> Iterator[str]:
    if isinstance(document, list):
        yield above
    elif isinstance(document, Mapping) and depth:
        for key, value in document.items():
            yield from _places_of_lists(value, depth - 1, f"{above}.{key}")


def _in_headers(headers: Mapping[str, str]) -> Iterator[Hint]:
    for place, told in _LINK.findall(headers.get("link", "")):
        params = {name.lower(): quoted or plain for name, quoted, plain in _PARAM.findall(told)}
        if "next" not in params.get("rel", "").lower().split():
            continue
        # Some services always name a next page, and say beside it whether anything is on it.
        yield Hint(whole=True) if params.get("results", "").lower() == "false" else Hint(next=place)
    if headers.get("x-next-page", "").strip():
        yield Hint(why="X-Next-Page names no address")


def _in_body(document: object) -> Iterator[Hint]:
    for key, name, value in _members(document, _DEPTH):
        if key in _PLACES:
            yield _at(name, value)
        elif key in _CURSORS and value not in (None, "", False):
            yield Hint(why=f"{name} names no address")
        elif key in _MORE and isinstance(value, bool):
            yield Hint(why=f"it says {name}") if value else Hint(whole=True)
        elif key in _LAST and isinstance(value, bool):
            yield Hint(whole=True) if value else Hint(why="it says that it is not the last")


def _at(name: str, value: object) -> Hint:
    """What stands where the next page should: an address, one in an object, a word that is none, or nothing."""
    place = next((value[one] for one in _ADDRESSES if value.get(one)), value) if isinstance(value, Mapping) else value
    if not place:
        return Hint(whole=True)
    if isinstance(place, str) and _ADDRESS.match(place):
        return Hint(next=place)
    return Hint(why=f"{name} names no address")


def _reached(url: str, place: str) -> Hint:
    """Credentials go where the owner sent them and nowhere else: same scheme, host and port."""
    try:
        here = httpx.URL(url)
        there = here.join(place)
    except (httpx.InvalidURL, ValueError):
        return Hint(why="the next one's address is none")
    if there.userinfo or (there.scheme, there.host, there.port) != (here.scheme, here.host, here.port):
        return Hint(why="the next one is at another host")
    return Hint(next=str(there.copy_with(fragment=None)))


def _members(document: object, depth: int) -> Iterator[tuple[str, str, object]]:
    """Yield the members of the document and of the objects in it, rows left out: plain letters, cleaned name, value."""
    if not isinstance(document, Mapping) or not depth:
        return
    for key, value in document.items():
        yield re.sub(r"[^a-z]", "", str(key).lower().rpartition(".")[2]), clean(key, 30), value
    for value in document.values():
        yield from _members(value, depth - 1)


def _lists(document: object, depth: int) -> Iterator[Sequence[object]]:
    if isinstance(document, list):
        yield document
    elif isinstance(document, Mapping) and depth:
        for value in document.values():
            yield from _lists(value, depth - 1)


def _totals(document: object) -> Iterator[int | None]:
    """Yield what is called a total; a count is one only beside what says how pages are cut."""
    members = list(_members(document, _DEPTH))
    names = _TOTALS | ({"count"} if any(key in _CUT_BY for key, _, _ in members) else set())
    for key, _, value in members:
        if key in names:
            yield _number(value.get("value") if isinstance(value, Mapping) else value)


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _touches_no_row(node: Mapping[str, Any]) -> bool:
    kind, value = node["type"], node.get("value")
    if kind not in _ROW_FREE or (kind == "index" and (not isinstance(value, int) or value < 0)):
        return False
    if kind == "function_expression" and value not in _ROW_FREE_CALLS:
        return False
    return all(_touches_no_row(child) for child in node["children"])
