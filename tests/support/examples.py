"""How much is tried: less with sanitizers, under which an example takes ten times as long."""

import os

EXAMPLES = int(os.environ.get("PRUM_EXAMPLES", "100"))
"""Examples of a property; tools/sanitize.sh asks for fewer, since each says more."""

FEW = EXAMPLES < 100
"""Whether a table of cases may be cut to its most telling ones."""
