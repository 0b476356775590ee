"""What every flag writer offers and answers."""
