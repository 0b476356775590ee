"""The text of `session.toml`: blocks with checksums, and what they prove."""
