"""A flag behind any HTTP API that the settings describe."""
