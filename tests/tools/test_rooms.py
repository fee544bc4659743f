"""Limits on the tree: a folder that one can take in at a glance, and names with one meaning."""

import importlib
import pkgutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import prum_match

ROOT = Path(__file__).resolve().parents[2]
MOST_FILES = 17


def files_under(folder: str) -> list[Path]:
    """Return the files under version control, or all that no tool has made."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        return [Path(name) for name in listed.stdout.decode().split("\0") if name]
    made = ("__pycache__", ".hypothesis")
    return [
        path.relative_to(ROOT)
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".so" and not set(made) & set(path.parts)
    ]


def packages(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.iter_modules(package.__path__):
        if found.ispkg:
            yield from packages(importlib.import_module(f"{package.__name__}.{found.name}"))


@pytest.mark.parametrize("folder", ["src", "csrc", "tests", "benchmarks", "tools"])
def test_a_folder_has_at_most_17_files(folder: str) -> None:
    found = [path for path in files_under(folder) if (ROOT / path).exists()]
    assert found
    counted = Counter(path.parent for path in found)
    crowded = {str(path): count for path, count in counted.items() if count > MOST_FILES}
    assert not crowded


def test_no_module_shadows_a_public_name() -> None:
    shadowed = [
        f"{package.__name__}.{found.name}"
        for package in packages(prum_match)
        for found in pkgutil.iter_modules(package.__path__)
        if found.name in getattr(package, "__all__", ())
        and not isinstance(getattr(package, found.name), ModuleType)
    ]
    assert not shadowed
