"""Pages of what was recommended, and of where one office stands."""
