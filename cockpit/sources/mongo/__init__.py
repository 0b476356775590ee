"""MongoDB: the request log, and everything that is counted in collections."""
