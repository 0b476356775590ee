"""A session on the disk: its folder, its locks, its journal, and what is set aside for it."""
