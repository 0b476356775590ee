"""A probe: requests of our own to each endpoint, timed."""
