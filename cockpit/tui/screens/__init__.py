"""The screens: the deck, and what each number key shows."""
