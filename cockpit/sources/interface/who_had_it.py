"""Why some requests belong to no group, those with the flag and those without it: said once for a whole source."""

from collections.abc import Iterable

from cockpit.settings.models.variant import Variant
from sessions.text.clean import clean
from sessions.values.readings import Grain, Reading, Split, Traffic


def splits_of(readings: Iterable[Reading]) -> list[Split | None]:
    """Return who had the flag, of each window in which somebody came."""
    windows = (one for one in readings if isinstance(one, Traffic) and one.grain is Grain.WINDOW)
    return [one.split for one in windows if one.requests > 0]


def neither(splits: Iterable[Split | None], variant: Variant) -> str:
    """Say why some requests are in no group; empty if all are in one, if there were none, or if no label is named."""
    found = list(splits)
    if not variant.label or not found:
        return ""
    label, on, off = (clean(word, 40) for word in (variant.label, variant.on, variant.off))
    if not any(found):
        return f'no request says "{on}" or "{off}" by {label}'
    strange = any(split is None or split.neither for split in found)
    return f'some requests say neither "{on}" nor "{off}" by {label}' if strange else ""
