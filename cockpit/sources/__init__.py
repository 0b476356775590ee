"""Sources measure; they never judge."""
