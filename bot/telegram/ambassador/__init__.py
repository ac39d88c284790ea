"""What an ambassador can do."""
