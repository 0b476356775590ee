"""`history.sqlite`: readings on disk; losing them loses no decision."""
