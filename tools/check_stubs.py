"""The committed stub names what the compiled module holds: members, parameters and their order.

pybind11-stubgen writes a stub of the module as it is. The committed one says more about arrays
and tuples than can be generated, so names are compared and not types.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from pathlib import Path

STUB = Path(__file__).parents[1] / "src" / "prum_match" / "_native.pyi"

Members = dict[str, list[str] | None]


def members(body: list[ast.stmt], prefix: str = "") -> Members:
    """Names of functions and classes; a function's parameters, None for anything else."""
    found: Members = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            is_property = any(getattr(d, "id", "") == "property" for d in node.decorator_list)
            names = [a.arg for a in (*node.args.posonlyargs, *node.args.args) if a.arg != "self"]
            found[prefix + node.name] = None if is_property else names
        elif isinstance(node, ast.ClassDef):
            found[prefix + node.name] = None
            found |= members(node.body, f"{prefix}{node.name}.")
    return found


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pybind11_stubgen", "prum_match._native", "-o", folder],
            check=True,
            capture_output=True,
        )
        generated = (Path(folder) / "prum_match" / "_native.pyi").read_text("utf-8")
    native = members(ast.parse(generated).body)
    stub = members(ast.parse(STUB.read_text("utf-8")).body)
    wrong = [n for n in sorted({*stub, *native}) if stub.get(n, "-") != native.get(n, "-")]
    for name in wrong:
        print(f"{name}: stub {stub.get(name, 'lacks it')}, module {native.get(name, 'lacks it')}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
