"""A case: one search over several categories."""
