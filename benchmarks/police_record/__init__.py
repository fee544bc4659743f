"""Tasks on persons."""
