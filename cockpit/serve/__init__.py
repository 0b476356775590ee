"""The deck of one session in a browser of this machine, read-only: textual-serve, with a check before each request."""
