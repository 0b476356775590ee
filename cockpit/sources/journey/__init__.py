"""A journey through the service, walked step by step."""
