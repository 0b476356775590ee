"""What a person looks at before a task is ticked: live figures, and what the sources looked up for it."""
