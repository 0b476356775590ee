"""A key that is held down acts once; one that is pressed twice acts twice."""

SUSPECT = 0.7
"""Seconds within which a second press may be the first repeat of a key that is held: terminals wait 0.2 to 0.7 s."""
TELLS = 0.15
"""Seconds within which a held key comes again; a hand that presses a third time is slower."""
RESTS = 0.35
"""Seconds of rest after which a key that was held counts again."""


class Held:
    """Remembers the last key and how often it came."""

    def __init__(self) -> None:
        self._key = ""
        self._at = 0.0
        self._down = False

    def forget(self) -> None:
        """Another key, or text: the next one is a first press."""
        self._key, self._down = "", False

    def suspect(self, key: str, at: float) -> bool:
        """Take a press; return whether what follows must be known before it may act."""
        again = key == self._key and at - self._at < (RESTS if self._down else SUSPECT)
        if not again:
            self._down = False
        self._key, self._at = key, at
        return again

    @property
    def down(self) -> bool:
        """Return whether the last key is known to be held down: it does not act until it rests."""
        return self._down

    def holds(self) -> None:
        """Know by now that the last key is held down."""
        self._down = True
