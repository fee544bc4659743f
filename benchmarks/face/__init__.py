"""Facial embeddings: the tasks, their data and what they share. Simulated vectors, no people."""
