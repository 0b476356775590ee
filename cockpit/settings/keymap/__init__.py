"""The keys of the screen as its owner arranges them."""
