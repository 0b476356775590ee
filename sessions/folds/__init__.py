"""What each kind of entry does to the state, a file for each part of it."""
