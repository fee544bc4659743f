"""Problems and notes of the readers of all formats."""

from __future__ import annotations

import pytest

from prum_match.dactyloscopy.formats.records.problems import Problems, RecordProblem
from prum_match.errors import InvalidInput


def add(problems: Problems) -> None:
    problems.add(
        "not 0 to 100",
        code="bad_quality",
        field="minutia quality",
        repair="read as not stated",
        minutia=3,
        offset=33,
        rule="ISO/IEC 19794-2:2005, 7.4.2",
        value=217,
    )


def test_strict() -> None:
    problems = Problems()
    problems.index = 1
    with pytest.raises(InvalidInput) as error:
        add(problems)
    found = error.value
    assert (found.code, found.index, found.field) == ("bad_quality", 1, "minutia quality")
    assert (found.rule, found.value) == ("ISO/IEC 19794-2:2005, 7.4.2", 217)
    assert found.args == ("minutia 3: not 0 to 100",)
    assert problems.found == []


def test_lenient() -> None:
    problems = Problems(strict=False)
    problems.index = 1
    add(problems)
    (found,) = problems.found
    assert str(found) == (
        "not 0 to 100; read as not stated [bad_quality; item 1; field minutia quality; minutia 3; "
        "byte 33; rule ISO/IEC 19794-2:2005, 7.4.2]"
    )
    assert found.value == 217
    assert "217" not in f"{found!s}{found!r}"
    assert problems.notes == []


@pytest.mark.parametrize("strict", [True, False])
def test_notes(strict: bool) -> None:
    problems = Problems(strict=strict)
    problems.note("laterally reversed", code="reversed", field="9.315", value="L")
    assert problems.notes == [RecordProblem("reversed", "laterally reversed", "9.315")]
    assert problems.notes[0].value == "L"
    assert problems.found == []


def test_an_error_that_loses_a_template_is_a_problem() -> None:
    def error(index: int | None) -> InvalidInput:
        return InvalidInput(
            "none", code="bad_region", field="9.300", index=index, rule="r", value=1
        )

    strict, lenient = Problems(), Problems(strict=False)
    strict.index = lenient.index = 4
    for own, expected in ((None, 4), (2, 2)):
        with pytest.raises(InvalidInput) as raised:
            strict.refuse(error(own))
        assert raised.value.index == expected
    lenient.refuse(error(2))
    assert lenient.found == [RecordProblem("bad_region", "none", "9.300", 4, rule="r")]


def test_problems_and_notes_have_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prum_match.dactyloscopy.formats.records.problems.MAX_PROBLEMS", 3)
    problems = Problems(strict=False)
    add(problems)
    problems.note("", code="reversed", field="")
    add(problems)
    for another in (add, lambda full: full.note("", code="reversed", field="9.315")):
        with pytest.raises(InvalidInput, match="too_many_problems"):
            another(problems)
    assert (len(problems.found), len(problems.notes)) == (2, 1)
