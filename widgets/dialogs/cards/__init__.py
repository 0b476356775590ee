"""Cards: what is known of the one thing under the cursor, in words."""
