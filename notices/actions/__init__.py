"""Writing to offices."""
