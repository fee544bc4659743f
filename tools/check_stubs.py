"""The committed stubs name what the compiled modules hold: members, parameters and their order.

pybind11-stubgen writes a stub of a module as it is. The committed one says more about arrays
and tuples than can be generated, so names are compared and not types. Of what Cython compiled,
functions tell their parameters and classes their names.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "prum_match"

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
        elif isinstance(node, ast.AnnAssign) and not prefix:
            found[ast.unparse(node.target)] = None
    return found


def of_cython(name: str) -> Members:
    """Names of functions and classes of a module, and the parameters where Cython tells them."""
    module = importlib.import_module(name)
    found: Members = {}
    for what, value in vars(module).items():
        if what.startswith("_") or getattr(value, "__module__", name) != name:
            continue
        if inspect.ismodule(value):
            continue
        told = inspect.isroutine(value)
        found[what] = [*inspect.signature(value).parameters] if told else None
    return found


def of_pybind11(name: str) -> Members:
    """Members of a module, with their parameters."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pybind11_stubgen", name, "-o", folder],
            check=True,
            capture_output=True,
        )
        path = Path(folder, *name.split(".")).with_suffix(".pyi")
        found = members(ast.parse(path.read_text("utf-8")).body)
        return {what: found[what] for what in found if not what.startswith("_")}


def main() -> int:
    wrong = 0
    for path in sorted(PACKAGE.rglob("*.pyi")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        stub = members(ast.parse(path.read_text("utf-8")).body)
        stub = {what: stub[what] for what in stub if not what.startswith("_")}
        if path.with_suffix(".pyx").exists():
            module = of_cython(name)
            stub = {what: stub[what] for what in stub if "." not in what}
            # A class may stand for a function, and does not tell its parameters.
            stub |= {what: None for what in stub if module.get(what, []) is None}
        else:
            module = of_pybind11(name)
        for what in sorted({*stub, *module}):
            if stub.get(what, "-") != module.get(what, "-"):
                says, holds = stub.get(what, "lacks it"), module.get(what, "lacks it")
                print(f"{name}.{what}: stub {says}, module {holds}")
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
