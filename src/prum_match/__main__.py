"""``python -m prum_match``: the command line."""

import sys

from prum_match.cli import main

sys.exit(main())
