"""What every source offers, is opened with and gives."""
