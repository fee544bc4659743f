"""What runs too long for every change: many cases, many seeds, slow attacks, mutants.

``make proof`` runs it; docs/proof/README.md says how, and holds the table of the last run.
"""
