"""Data files in packages: small tables whose rows name their sources."""

from __future__ import annotations


def package_rows(package: str, file_name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV table in the folder ``data`` of a package."""
    # Imported on first use: both together would double the time of `import prum_match`.
    import csv
    from importlib.resources import files

    text = files(package).joinpath("data", file_name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
