"""What goes over the line: closed lists of fields, one encoding, one envelope."""

from __future__ import annotations
