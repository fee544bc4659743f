"""Names folded into the forms that are compared."""
