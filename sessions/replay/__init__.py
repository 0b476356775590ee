"""A flight judged again from its records: nothing here can act or write."""
