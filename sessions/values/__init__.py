"""The values that everything speaks in: entries, readings, requests, verdicts."""
