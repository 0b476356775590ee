"""The metrics of a watch for Prometheus: its newest judgement, over HTTP, on a separate thread."""
