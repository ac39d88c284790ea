"""What a coordinator can do."""
