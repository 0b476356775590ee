"""What is found outside: a /metrics page, a Prometheus, a database, the back end of a flag, an Alertmanager."""
