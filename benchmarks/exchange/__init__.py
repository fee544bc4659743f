"""The exchange between parties."""
