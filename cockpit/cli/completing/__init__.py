"""What completes words elsewhere: in an editor, in a shell."""
