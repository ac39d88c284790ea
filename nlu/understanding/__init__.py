"""What Holdfast understands: normalising, encoding, classifying, and how fast a human is needed."""
