"""Copies of the checkout, in which mutants are put: the checkout itself is never written to."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

# Made in a tree and not copied into it.
MADE = ("build", ".hypothesis", ".pytest_cache", "__pycache__")
# Written by a run, which is of the same code before and after.
TABLE = "docs/proof/"


def files_of(root: Path) -> list[str]:
    """Return what belongs to the checkout: what git tracks, and what it would add."""
    told = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted({n for n in told.stdout.split("\0") if n and (root / n).is_file()})


def is_checkout(root: Path) -> bool:
    """Whether git knows this folder itself, and not one around it."""
    told = subprocess.run(
        ["git", "rev-parse", "--show-toplevel"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.returncode == 0 and Path(told.stdout.strip()).resolve() == root.resolve()


def code_of(root: Path) -> str:
    """Return a number of all that a result could depend on."""
    number = hashlib.sha256()
    for name in files_of(root):
        if not name.startswith(TABLE):
            number.update(name.encode() + b"\0" + (root / name).read_bytes() + b"\0")
    return number.hexdigest()[:16]


def commit_of(root: Path) -> str:
    """Return the commit, with a mark where files differ from it."""

    def git(*arguments: str) -> str:
        told = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=True
        )
        return told.stdout.strip()

    changed = git("status", "--porcelain", "--", ".", f":(exclude){TABLE}")
    return git("rev-parse", "--short=12", "HEAD") + (" with changes" if changed else "")


def copy(root: Path, tree: Path) -> None:
    """Make a tree equal to the checkout, but for what is built in it."""
    names = files_of(root)
    for name in names:
        _copy_one(root / name, tree / name)
    _remove_others(tree, names)


def _copy_one(source: Path, target: Path) -> None:
    content = source.read_bytes()
    if target.is_file() and target.read_bytes() == content:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    shutil.copy2(source, target)
    forget_compiled(target)


def _remove_others(tree: Path, names: Iterable[str]) -> None:
    known = {tree / name for name in names}
    for path in sorted(tree.rglob("*"), reverse=True):
        inside = path.relative_to(tree).parts
        if any(part in MADE for part in inside) or path.suffix == ".so" or path in known:
            continue
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        else:
            path.unlink()


def put(tree: Path, name: str, content: bytes) -> None:
    """Write a file of a tree, and have Python read it."""
    (tree / name).write_bytes(content)
    forget_compiled(tree / name)


def forget_compiled(path: Path) -> None:
    """Remove what Python compiled: within a second, and at the same length, it would be kept."""
    if path.suffix == ".py":
        for file in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            file.unlink(missing_ok=True)


def files_of_tests(tree: Path, among: Iterable[str]) -> list[str]:
    """Return the files of tests; not those of this tool, which would run itself."""
    found = set()
    for name in among:
        place = tree / name
        found |= {place} if place.is_file() else {*place.rglob("test_*.py")}
    own = tree / "tests" / "tools"
    return sorted(p.relative_to(tree).as_posix() for p in found if own not in p.parents)
