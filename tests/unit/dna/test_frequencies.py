from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match.dna.statistics.frequencies import Frequencies, MinimumFrequency
from prum_match.errors import InvalidInput
from prum_match.samples import NIST_FREQUENCIES

NIST = NIST_FREQUENCIES
HALVES = {"6": 0.5, "9.3": 0.5}


def write(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


def refusal(code: str, path: Path, **options: object) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        Frequencies.from_csv(path, **options)  # type: ignore[arg-type]
    assert caught.value.code == code
    return caught.value


class TestReading:
    def test_nist(self) -> None:
        table = Frequencies.from_csv(NIST, population="Cauc")
        assert table.population == "Cauc"
        assert len(table.loci) == 29
        assert table.loci[:2] == ("VWA", "TH01")
        assert table.individuals("vWA") == 361
        assert table.notes == ()
        with NIST.open(newline="") as file:
            for row in csv.DictReader(file):
                if row["population"] == "Cauc" and row["locus"] == "D22S1045":
                    repeats, _, fraction = row["allele"].partition(".")
                    length = 3 * int(repeats) + int(fraction or 0)
                    assert table.frequency("D22S1045", length) == float(row["frequency"])

    def test_mark_quotes_line_ends_and_spellings(self, tmp_path: Path) -> None:
        path = write(
            tmp_path,
            '"Locus","Allele","Frequency"\r\n"TH 01","9.3","0.25"\r\n\r\n"THO1","6","0.75"\r\n',
            encoding="utf-8-sig",
        )
        assert dict(Frequencies.from_csv(path).alleles("TH01")) == {24: 0.75, 39: 0.25}

    def test_semicolons_and_decimal_commas(self, tmp_path: Path) -> None:
        path = write(tmp_path, "marker;size;share\nTH01;9,3;0,25\nTH01;6;0,75\n")
        table = Frequencies.from_csv(
            path, locus="marker", allele="size", frequency="share", delimiter=";", decimal=","
        )
        assert table.frequency("TH01", 39) == 0.25

    def test_counts_stand_in_for_frequencies(self, tmp_path: Path) -> None:
        path = write(tmp_path, "locus,allele,count\nFGA,21,30\nFGA,22,10\n")
        table = Frequencies.from_csv(path)
        assert table.frequency("FGA", 84) == 0.75
        assert table.individuals("FGA") == 20

    @pytest.mark.parametrize("column", ["n,40", "n_alleles,80", "n_alleles,81"])
    def test_sample_size(self, tmp_path: Path, column: str) -> None:
        name, number = column.split(",")
        path = write(tmp_path, f"locus,allele,frequency,{name}\nFGA,21,1,{number}\n")
        assert Frequencies.from_csv(path).individuals("FGA") == 40

    def test_several_populations(self, tmp_path: Path) -> None:
        path = write(
            tmp_path,
            "population,locus,allele,frequency\nNorth,FGA,21,1\nSouth,FGA,22,1\n",
        )
        error = refusal("no_population", path)
        assert "North, South" in str(error)
        assert "North, South" in str(refusal("no_population", path, population="West"))
        assert Frequencies.from_csv(path, population="SOUTH").population == "South"

    def test_names_that_differ_by_case_stay_apart(self, tmp_path: Path) -> None:
        path = write(
            tmp_path,
            "population,locus,allele,frequency\nEU,FGA,21,1\neu,FGA,22,1\n",
        )
        assert Frequencies.from_csv(path, population="eu").frequency("FGA", 88) == 1.0
        refusal("no_population", path, population="Eu")

    def test_markers_that_are_never_compared_are_left_out_aloud(self, tmp_path: Path) -> None:
        path = write(tmp_path, "locus,allele,frequency\nAMEL,X,0.7\nDYS391,10,1\nFGA,21,1\n")
        table = Frequencies.from_csv(path)
        assert table.loci == ("FGA",)
        assert [note.split(":")[0] for note in table.notes] == ["AMEL", "DYS391"]

    def test_unknown_loci(self, tmp_path: Path) -> None:
        path = write(tmp_path, "locus,allele,frequency\nFGA,21,1\nD0S0,21,1\nD5S2500,9,1\n")
        assert refusal("unknown_locus", path).index == 1
        table = Frequencies.from_csv(path, skip_unknown_loci=True)
        assert [note.split(":")[0] for note in table.notes] == ["D0S0", "D5S2500"]

    @pytest.mark.parametrize(
        ("text", "code", "index"),
        [
            ("", "bad_table", None),
            ("locus,frequency\nFGA,1\n", "bad_table", None),
            ("locus,allele\nFGA,21\n", "bad_table", None),
            ("locus,allele,frequency\nFGA,21\n", "bad_table", 0),
            ("locus,allele,frequency\nFGA,21,\n", "bad_table", 0),
            ("locus,allele,frequency\nFGA,21,lots\n", "bad_table", 0),
            ("locus,allele,frequency\nFGA,21,nan\n", "bad_table", 0),
            ("locus,allele,frequency,n\nFGA,21,0.5,9.5\nFGA,22,0.5,9\n", "bad_table", 0),
            ("locus,allele,frequency,n\nFGA,21,0.5,9\nFGA,22,0.5,8\n", "bad_table", 1),
            ('locus,allele,frequency\n"FGA,21,1\n', "bad_table", None),
            ("locus,allele,frequency\nFGA,,1\n", "bad_allele", None),
            ("locus,allele,frequency\nTH01,9.4,1\n", "bad_allele", None),
            ("locus,allele,frequency\nFGA,21,0.5\n", "bad_sum", None),
            ("locus,allele,frequency\nFGA,21,1.5\n", "bad_frequency", None),
            ("locus,allele,frequency\nFGA,21,-0.5\nFGA,22,1\n", "bad_frequency", None),
            ("locus,allele,frequency\nFGA,21,0.5\nFIBRA,21.0,0.5\n", "duplicate_allele", None),
        ],
    )
    def test_refusals(self, tmp_path: Path, text: str, code: str, index: int | None) -> None:
        error = refusal(code, write(tmp_path, text))
        if index is not None:
            assert error.index == index

    def test_not_utf8(self, tmp_path: Path) -> None:
        refusal(
            "bad_table", write(tmp_path, "locus,allele,frequency\nFGA,\xe9,1\n", encoding="latin-1")
        )

    def test_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="nothing"):
            Frequencies.from_csv(tmp_path / "nothing.csv")

    def test_enfsi(self, shared: Callable[[str], Path]) -> None:
        path = shared("data/dna/frequencies/enfsi_strbase_2015_freqs.csv")
        table = Frequencies.from_csv(path, population="Europe")
        assert len(table.loci) == 16
        assert table.individuals("SE33") == 3023
        # The rows "1" and "99" stand for alleles off the ladder.
        assert table.unlisted("D19S433") == pytest.approx(0.0002896874)
        assert "BELGIUM" in str(refusal("no_population", path))


class TestTable:
    def test_views(self) -> None:
        table = Frequencies({"TH01": HALVES, "vWA": {16: 0.25, 17.0: 0.25, "18": 0.5}})
        assert table.loci == ("VWA", "TH01")
        assert list(table.alleles("VWA")) == [64, 68, 72]
        assert "TH 01" in table
        assert "FGA" not in table
        assert repr(table) == "<Frequencies: 2 loci>"

    def test_tokens_count_as_unlisted(self) -> None:
        table = Frequencies({"FGA": {"1": 0.1, "OL": 0.2, "21": 0.7}})
        assert table.unlisted("FGA") == pytest.approx(0.3)
        assert dict(table.alleles("FGA")) == {84: 0.7}

    def test_immutable(self) -> None:
        table = Frequencies({"TH01": HALVES})
        with pytest.raises(AttributeError):
            table.population = "other"
        with pytest.raises(TypeError):
            table.alleles("TH01")[24] = 1.0  # type: ignore[index]

    def test_unknown_locus_and_allele(self) -> None:
        table = Frequencies({"TH01": {"6": 1.0, "7": 0.0}})
        for length in (25, 28):  # absent, and said to be 0
            with pytest.raises(InvalidInput) as caught:
                table.frequency("TH01", length)
            assert (caught.value.code, caught.value.field) == ("unseen_allele", "TH01")
            assert caught.value.value == length
            assert str(length) not in str(caught.value)
        with pytest.raises(InvalidInput) as caught:
            table.frequency("FGA", 84)
        assert caught.value.code == "no_frequencies"

    @pytest.mark.parametrize("p", [math.nan, 1.1, -0.1, "much", None])
    def test_bad_frequency(self, p: object) -> None:
        with pytest.raises(InvalidInput) as caught:
            Frequencies({"TH01": {"6": p}})  # type: ignore[dict-item]
        assert caught.value.code == "bad_frequency"

    def test_amelogenin(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            Frequencies({"AMEL": {"X": 1.0}})
        assert caught.value.code == "not_compared"

    def test_tolerance(self) -> None:
        with pytest.raises(InvalidInput):
            Frequencies({"TH01": {"6": 0.99}})
        assert Frequencies({"TH01": {"6": 0.99}}, tolerance=0.02).loci == ("TH01",)


class TestMinimum:
    def test_values(self) -> None:
        assert MinimumFrequency.nrc2(100).value == 0.025
        assert MinimumFrequency.nrc2(1).value == 1.0
        assert MinimumFrequency.weir(100, 0.05).value == pytest.approx(1 - 0.05 ** (1 / 200))
        assert MinimumFrequency.budowle_monson_chakraborty(100, 10, 0.05).value == pytest.approx(
            1 - (1 - (1 - 0.05) ** (1 / 10)) ** (1 / 200)
        )
        assert MinimumFrequency.fixed(0.002).value == 0.002

    @given(st.integers(1, 10_000), st.floats(0.001, 0.5))
    def test_one_common_allele_is_weirs_rule(self, n: int, alpha: float) -> None:
        weir = MinimumFrequency.weir(n, alpha).value
        assert (1 - weir) ** (2 * n) == pytest.approx(alpha)
        assert MinimumFrequency.budowle_monson_chakraborty(n, 1, alpha).value == pytest.approx(weir)

    def test_rare_and_unseen_alleles(self) -> None:
        table = Frequencies({"TH01": {"6": 0.001, "7": 0.999}})
        raised = table.with_minimum(MinimumFrequency.fixed(0.01))
        assert [raised.frequency("TH01", length) for length in (24, 25, 28)] == [0.01, 0.01, 0.999]
        assert table.minimum == {}
        assert dict(raised.alleles("TH01")) == {24: 0.001, 28: 0.999}

    def test_per_locus(self) -> None:
        table = Frequencies(
            {"TH01": HALVES, "FGA": {21: 1.0}}, minimum={"TH 01": MinimumFrequency.fixed(0.01)}
        )
        assert table.frequency("TH01", 25) == 0.01
        with pytest.raises(InvalidInput):
            table.frequency("FGA", 88)

    @pytest.mark.parametrize(
        "make",
        [
            lambda: MinimumFrequency.fixed(0.0),
            lambda: MinimumFrequency.fixed(math.nan),
            lambda: MinimumFrequency.nrc2(0),
            lambda: MinimumFrequency.nrc2(2.5),  # type: ignore[arg-type]
            lambda: MinimumFrequency.weir(10, 0.0),
            lambda: MinimumFrequency.budowle_monson_chakraborty(10, 0, 0.05),
        ],
    )
    def test_refusals(self, make: Callable[[], object]) -> None:
        with pytest.raises(InvalidInput):
            make()
