"""`cockpit revert`: the flag first, on the shortest path; then the log."""
