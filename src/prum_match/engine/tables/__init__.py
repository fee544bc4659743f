"""Arrow tables of other libraries as NumPy columns."""
