"""A theme of Textual from our own colour names."""

from collections.abc import Mapping

from textual.theme import Theme


def made(name: str, names: Mapping[str, str], *, dark: bool, ansi: bool = False, selection: str) -> Theme:
    """Return the theme of these colours; `selection` is the ground of what is marked in a line of text.

    Of a theme in a terminal's own colours Textual's widgets ask by name for two of them, and define neither.
    """
    own = {"ansi-background": names["ground"], "ansi-foreground": names["ink"]} if ansi else {}
    return Theme(
        name=name,
        primary=names["lead"],
        secondary=names["quiet"],
        accent=names["lead"],
        success=names["good"],
        warning=names["hold"],
        error=names["bad"],
        foreground=names["ink"],
        background=names["ground"],
        surface=names["band"],
        panel=names["band"],
        dark=dark,
        ansi=ansi,
        variables={**names, **own, "input-selection-background": selection, "border": names["lead"]},
    )
