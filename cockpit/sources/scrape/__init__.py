"""A /metrics page, scraped, and its counters made into windows."""
