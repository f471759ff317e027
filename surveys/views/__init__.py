"""Pages of survey rounds, one part of the work a module."""
