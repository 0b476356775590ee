"""What may be chance: exact counts, the pace of rare events, the shape of a day."""
