"""Names of Arabic origin get one spelling, and other names keep theirs."""

from __future__ import annotations

import pytest

from prum_match.police_record.names.arabic import arabic_spelling


@pytest.mark.parametrize("name", ["MOHAMMED", "MUHAMAD", "MUHAMMAD", "MOHAMED"])
def test_spellings_of_one_name_become_one(name: str) -> None:
    assert arabic_spelling([name]) == ("MUHAMAD",)


@pytest.mark.parametrize("parts", [["ABD", "AL", "RAHMAN"], ["ABDUL", "RAHMAN"], ["ABDERRAHMANE"]])
def test_servant_and_name_become_one_part_without_the_article(parts: list[str]) -> None:
    assert arabic_spelling(parts) == ("ABDRAHMAN",)


def test_a_name_of_another_origin_has_no_arabic_spelling() -> None:
    assert arabic_spelling(["MARIE"]) is None
    assert arabic_spelling([]) is None


def test_other_parts_of_a_name_stay() -> None:
    assert arabic_spelling(["MARIE", "MOHAMMED"]) == ("MARIE", "MUHAMAD")
