"""The data files that the package carries: small tables, each row with its source."""

from __future__ import annotations

__all__ = ["package_rows"]


def package_rows(file_name: str) -> list[dict[str, str]]:
    """Return the rows of a table in the package's folder ``dna/data``.

    Parameters
    ----------
    file_name : str
        Name of the CSV file.

    Examples
    --------
    >>> package_rows("loci.csv")[1]["name"]
    'TH01'
    """
    # Imported on first use: the two would double the time of `import prum_match`.
    import csv
    from importlib.resources import files

    text = files("prum_match.dna").joinpath("data", file_name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
