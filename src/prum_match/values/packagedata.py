"""The data files that a package carries: small tables, each row with its source."""

from __future__ import annotations

__all__ = ["package_rows"]


def package_rows(package: str, file_name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV table in the folder ``data`` of a package.

    Parameters
    ----------
    package : str
        Name of the package.
    file_name : str
        Name of the CSV file.

    Returns
    -------
    list of dict
        The rows in their order, each by the names in the header.

    Examples
    --------
    >>> package_rows("prum_match.values", "countries.csv")[0]["name"]
    'Andorra'
    """
    # Imported on first use: the two would double the time of `import prum_match`.
    import csv
    from importlib.resources import files

    text = files(package).joinpath("data", file_name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
