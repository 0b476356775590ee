"""What a person may do, and which entries it becomes."""
