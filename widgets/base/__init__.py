"""What every pane is made of: symbols, styled text, sparklines, the view."""
