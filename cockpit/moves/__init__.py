"""Moving the flag: intent, write, read back, entries; one process at a time."""
