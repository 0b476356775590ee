"""What a person changed in a draft, folded from the log, and laid over what is drafted anew."""
