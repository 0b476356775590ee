"""What a session tells to elsewhere: metrics, a browser, a list that lives, a report that goes on."""
