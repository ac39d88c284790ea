"""Finding and keeping rows: one module for each thing that is remembered."""
