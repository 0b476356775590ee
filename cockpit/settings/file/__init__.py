"""`cockpit.toml`: found, read, checked across its tables, written as a starter and as a reference."""
