"""Documents as Word files: what they are made of, and how they are written."""
