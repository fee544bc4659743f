"""Profiles and what they are made of: loci, alleles, the packed form."""
