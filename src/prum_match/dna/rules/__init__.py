"""Rules that make a candidate: policies, inclusion, comparison."""
