"""Stands in for the compiler, writes down what it was asked for, and leaves an empty file.

``record_compiler.py LOG compiler argument...``: so every command of a build is known in seconds.
It imports nothing of this package, since it is run once for each file.
"""

import json
import os
import sys


def main() -> None:
    log, *command = sys.argv[1:]
    with open(log, "a", encoding="utf-8") as file:
        file.write(json.dumps(command) + "\n")
    # An archive is named behind its flags: ar rcs library object...
    output = command[command.index("-o") + 1] if "-o" in command else command[2]
    os.makedirs(os.path.dirname(output) or ".", exist_ok=True)
    with open(output, "wb"):
        pass


if __name__ == "__main__":
    main()
