"""A clock that may fall behind the machine's, for a demo on a machine that is too slow."""
