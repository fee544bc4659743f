"""Facial images: exact open-set search of embeddings.

The score of a pair is the exact inner product of two float32 vectors, rounded once. A search finds
every reference that satisfies its policy, for any data, and states how many references it examined.
A gallery belongs to the model that made its embeddings.

Examples
--------
>>> import numpy as np
>>> from prum_match import face
>>> model = face.Model(name="example", version="1", dimension=64, normalise="apply")
>>> faces = np.random.default_rng(7).standard_normal((1000, 64)).astype(np.float32)
>>> gallery = face.Gallery(model)
>>> gallery.enrol([f"P{i:03}" for i in range(1000)], faces).enrolled
1000
>>> answer = gallery.search(faces[42], limit=3)
>>> answer.reference_ids[0], answer.truncated, answer.examined
('P042', True, 1000)
"""

from prum_match.face.candidates import Candidate, CandidateList
from prum_match.face.category import Gallery
from prum_match.face.comparison import Comparison, compare, selected_ratio
from prum_match.face.embedding import Embedding, Embeddings
from prum_match.face.model import Model
from prum_match.face.policy import Policy

__all__ = [
    "Candidate",
    "CandidateList",
    "Comparison",
    "Embedding",
    "Embeddings",
    "Gallery",
    "Model",
    "Policy",
    "compare",
    "selected_ratio",
]
