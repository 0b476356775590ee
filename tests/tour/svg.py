"""Textual's pictures as any machine shows them."""

import re

FONTS, ADVANCE, CELL = "DejaVu Sans Mono, Menlo, Consolas", 0.602, 12.2
"""Fonts, the width of their letters per size, and the width of a cell in Textual's pictures."""


def legible(picture: str) -> str:
    """Return the picture in a font that machines have, as wide as the cells are, with every space kept."""
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL).replace("Fira Code", FONTS)
    picture = picture.replace("font-size: 20px", f"font-size: {CELL / ADVANCE:.3f}px")
    return picture.replace("<svg ", '<svg xml:space="preserve" ', 1)
