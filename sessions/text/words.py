"""Words of another system: compared without case and outer blanks, and told where nobody listed them."""

from collections.abc import Iterable, Mapping

from sessions.text.clean import clean

_TOLD = 4
_LONGEST = 24


def alike(word: str) -> str:
    """Return a word as it is compared: " Critical" and "critical" are one."""
    return " ".join(word.split()).casefold()


def compared(words: Iterable[str]) -> frozenset[str]:
    """Return words as they are compared."""
    return frozenset(map(alike, words))


def listed(word: object, words: frozenset[str]) -> bool:
    """Whether something is one of these `compared` words, in upper or lower case."""
    return isinstance(word, str) and alike(word) in words


def uncounted(counts: Mapping[str, int], thing: str, field: str) -> str:
    """Say which words of a field nobody listed: `1 alert of severity High is not counted`.

    `counts` says how many things have each word, "" stands for none at all. Empty where there is nothing to tell;
    cleaned, and never long.
    """
    total = sum(counts.values())
    if not total:
        return ""
    words = sorted((word for word in counts if word), key=lambda word: (-counts[word], word))
    told = [clean(word.strip(), _LONGEST) for word in words[:_TOLD]]
    more = [f"{len(words) - _TOLD:,} more"] * (len(words) > _TOLD)
    named = f" of {field} {', '.join((*told, *more))}" if words else ""
    without = f"{' or' if named else ''} without a {field}" if "" in counts else ""
    return f"{total:,} {thing}{'' if total == 1 else 's'}{named}{without} {'is' if total == 1 else 'are'} not counted"
