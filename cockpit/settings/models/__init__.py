"""The tables of `cockpit.toml` as values, one module for each kind."""
