"""Whether the packages of rivals can be used here, and if not, why not."""

from __future__ import annotations

import warnings
from functools import cache
from importlib import import_module

# Names in the package index, where they are not those of the modules.
_PACKAGES = {"faiss": "faiss-cpu", "adbc_driver_postgresql": "adbc-driver-postgresql"}


def unusable(*modules: str) -> str | None:
    """Say why one of these modules cannot be used: not installed, or not to be loaded."""
    for module in modules:
        why = _unusable(module)
        if why is not None:
            return why
    return None


def cannot_be_loaded(name: str, error: Exception) -> str:
    return f"{name} cannot be loaded: {type(error).__name__}: {error}"


@cache
def _unusable(module: str) -> str | None:
    package = module.partition(".")[0]
    name = _PACKAGES.get(package, package)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import_module(module)
    except ModuleNotFoundError as error:
        # The package itself, or something that it imports?
        absent = error.name == package
        return f"{name} is not installed" if absent else cannot_be_loaded(name, error)
    except Exception as error:
        return cannot_be_loaded(name, error)
    return None
