"""Charts and lists of the detail screens."""
