"""One module for each topic that is asked of collections."""
