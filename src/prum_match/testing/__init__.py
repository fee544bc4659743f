"""What a host tests its own code with; needs the extra ``prum-match[testing]``.

:mod:`prum_match.testing.strategies` holds Hypothesis strategies of DNA profiles, policies and
galleries, :mod:`prum_match.testing.vehicles` of vehicle registrations and queries,
:mod:`prum_match.testing.persons` of persons. Nothing else in the library imports this package, and
this module imports nothing.
"""
