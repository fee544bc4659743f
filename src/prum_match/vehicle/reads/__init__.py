"""Misread plates: costs, edit scripts, learning from reads."""
