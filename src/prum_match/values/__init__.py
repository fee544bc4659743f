"""Small values that every layer above shares; nothing here depends on a category."""
