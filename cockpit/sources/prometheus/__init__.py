"""A Prometheus server, asked for finished windows."""
