"""Documents that share a business key, and how fast collections grow."""
