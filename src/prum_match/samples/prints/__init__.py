"""Synthetic prints: minutiae of drawn fingers and palms, for tests and training."""

from prum_match.samples.prints.extractors import EXTRACTORS, Extractor
from prum_match.samples.prints.hands import Finger, Palm
from prum_match.samples.prints.patterns import PATTERNS
from prum_match.samples.prints.sampling import sample
from prum_match.samples.prints.touch import Touch

__all__ = ["EXTRACTORS", "PATTERNS", "Extractor", "Finger", "Palm", "Touch", "sample"]
