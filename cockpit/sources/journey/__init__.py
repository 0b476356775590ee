"""A check of the service by HTTP steps in order."""
