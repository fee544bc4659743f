"""Synthetic persons with European names, and searches for them with typical errors."""

from prum_match.samples.persons.errors import ERRORS
from prum_match.samples.persons.populations import Population, population
from prum_match.samples.persons.probe_sets import Probes, probes

__all__ = ["ERRORS", "Population", "Probes", "population", "probes"]
