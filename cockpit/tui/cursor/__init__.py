"""What is under the cursor: how it moves over the panes of a screen, what it opens, and what is copied of it."""
