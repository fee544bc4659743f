"""Persons whom nobody is: names of Europe, with the errors that registers and searches have."""

from prum_match.samples.persons.errors import ERRORS
from prum_match.samples.persons.populations import Population, population
from prum_match.samples.persons.probe_sets import Probes, probes

__all__ = ["ERRORS", "Population", "Probes", "population", "probes"]
