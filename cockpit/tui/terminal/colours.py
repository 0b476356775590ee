"""Which theme a terminal gets where the owner chose none."""

import themes

AUTO = "auto"


def at_first(wanted: str, system: str | None) -> str:
    """Return the theme to begin with: the one that is wanted, else by how many colours there are."""
    if wanted != AUTO:
        return wanted
    return themes.SIXTEEN if system in ("standard", "windows") else themes.DEFAULT


def for_ground(wanted: str, now: str, *, is_light: bool) -> str:
    """Return the theme once the terminal told its ground; one that the owner chose stays, and so do few colours."""
    if wanted != AUTO or now not in (themes.DEFAULT, themes.LIGHT):
        return now
    return themes.LIGHT if is_light else themes.DEFAULT
