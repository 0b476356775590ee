"""Where the panes of the deck stand at each size."""
