"""The answering side: who may ask what, and each request answered once."""

from __future__ import annotations
