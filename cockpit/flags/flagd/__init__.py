"""flagd: the flag in its file, changed in place; what it serves is asked by OFREP."""
