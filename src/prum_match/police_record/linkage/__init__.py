"""Linkage models: levels, weights, policies, comparisons."""
