"""How dates are written, by language, where Django's way is not that of international documents."""
