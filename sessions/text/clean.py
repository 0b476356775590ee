"""One function between every foreign string and the screen, the log or an export.

Nothing is deleted silently: what may not be shown is shown as what it is (`^[`, `<U+202E>`).
"""

import re
from functools import cache, lru_cache

_BIDI_AND_SEPARATORS = "\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U00016fe4\U0001bca0-\U0001bca3\U0001d159"
    "\U0001d173-\U0001d17a"
)
"""What Unicode gives no shape: joiners, fillers, selectors, and two letters and a note that are blank in every font."""
_BEYOND = "\U000e0000-\U000e0fff\ud800-\udfff"
_UNWANTED = f"[\x00-\x1f\x7f-\x9f{_BIDI_AND_SEPARATORS}{_INVISIBLE}{_BEYOND}]"
_PLAIN = re.compile("[ -~\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205f\u2070-\u20cf\u2100-\u27ff\u2900-\u2bff]*")
"""Matches texts of harmless characters, nearly every text; only others need the slow cleaning."""
_SHORT = 200
"""Characters of a text that is remembered: the same names and words are shown again and again."""
_MARKS_KEPT = 4
"""Thai stacks two, Hebrew with its accents three, Tibetan four."""
_FOLDER = r"(?:^|(?<=: ))/(?:[^/:]*/)+(?=[^/:]+: )"
"""The folder of a file that something is said of."""


def clean(text: object, limit: int = 400) -> str:
    """Return `text` as one printable line of at most `limit` characters.

    Control characters show as `^[`, invisible and bidirectional ones as `<U+202E>`, line ends as spaces; a longer
    text ends in `…`. Applying it twice changes nothing more.
    """
    raw = str(text)[: limit * 4]
    if len(raw) <= limit and raw.isascii() and raw.isprintable():
        return raw
    return _clean(raw, limit) if len(raw) <= _SHORT else _clean.__wrapped__(raw, limit)


@lru_cache(2_048)
def _clean(raw: str, limit: int) -> str:
    line = raw if _PLAIN.fullmatch(raw) else _few_marks(_unwanted().sub(_visible, raw))
    return line if len(line) <= limit else line[: limit - 1] + "…"


@cache
def _unwanted() -> re.Pattern[str]:
    return re.compile(_UNWANTED)


def placed(text: str) -> str:
    """Return what a fault says with its file's name for its whole path: where room is short, the reason must stay."""
    return re.sub(_FOLDER, "", text)


def too_long(what: str, text: str, most: int) -> str:
    """Say that a text of a person has more characters than are kept; nothing where it has not."""
    many = len(clean(text, len(text) * 8 + 1).strip())
    return f"{what} has {many:,} characters, and at most {most:,} are kept: shorten it" if many > most else ""


def shows(text: str) -> bool:
    """Whether there is anything to see in a text: what shows nothing is no name."""
    if text.isascii() and text.isprintable():
        return bool(text.strip())
    import unicodedata

    return any(not (char.isspace() or unicodedata.category(char)[0] in "MC") for char in _unwanted().sub("", text))


def _visible(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    if char in "\n\t\r":
        return " "
    if code < 0x20:
        return "^" + chr(code + 0x40)
    if code == 0x7F:
        return "^?"
    return f"<U+{code:04X}>"


def _few_marks(line: str) -> str:
    """Keep at most four marks on one character: a tower of them paints over its neighbours.

    At the beginning there is nothing of ours that they could stand on: there they are shown as what they are.
    """
    import unicodedata

    kept: list[str] = []
    run, based = 0, False
    for char in line:
        run = run + 1 if unicodedata.category(char)[0] == "M" else 0
        based = based or not run
        if not based:
            kept.append(f"<U+{ord(char):04X}>")
        elif run <= _MARKS_KEPT:
            kept.append(char)
    return "".join(kept)
