"""What the panes say, in one table or one line each, for screens that have no room for all of them."""
