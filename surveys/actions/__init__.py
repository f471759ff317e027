"""Writes of more than one row: all or nothing, with their audit row."""
