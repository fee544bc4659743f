"""Sample data that the package ships; see PROVENANCE.md beside this file."""

from importlib.resources import files
from pathlib import Path

__all__ = ["NIST_FREQUENCIES", "NIST_GENOTYPES"]

NIST_GENOTYPES = Path(str(files(__name__) / "nist1036_genotypes.csv"))
"""Genotypes of 1036 people; columns sample, pop, then two a locus."""
NIST_FREQUENCIES = Path(str(files(__name__) / "nist1036_freqs.csv"))
"""Allele frequencies; columns population, locus, allele, count, n_alleles, frequency."""
