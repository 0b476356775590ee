"""What frames the panes: header, phase rail, key line."""
