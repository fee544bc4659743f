"""Bases of comparisons that have no grade, or no score."""

from __future__ import annotations

from typing import Never

from prum_match.errors import NoSuchColumn


class WithoutGrade:
    """A comparison of a category whose candidates have scores."""

    @property
    def grade(self) -> Never:
        """Not available: candidates of the category have scores.

        Raises
        ------
        NoSuchColumn
            Always, code ``"no_such_column"``.
        """
        raise NoSuchColumn(
            "comparisons of this category have no grade; use score",
            code="no_such_column",
            field="grade",
        )


class WithoutScore:
    """A comparison of a category whose candidates have grades."""

    @property
    def score(self) -> Never:
        """Not available: candidates of the category have grades.

        Raises
        ------
        NoSuchColumn
            Always, code ``"no_such_column"``.
        """
        raise NoSuchColumn(
            "comparisons of this category have no score; use grade",
            code="no_such_column",
            field="score",
        )
