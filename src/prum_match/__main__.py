"""``python -m prum_match``: the command line."""

import sys

from prum_match.cli import main

if __name__ == "__main__":
    sys.exit(main())
