"""The exit codes of the commands that act."""

HELD, NOT_MOVED, LOST = 10, 20, 1
"""Nothing was done; the flag is not where it was to be; done, and written down nowhere."""
