"""The state of a session, folded from its entries and readings."""
