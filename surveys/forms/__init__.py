"""What comes in by web form."""
