from __future__ import annotations

import copy
import pickle
import threading
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from prum_match.dna.profiles import normalise
from prum_match.dna.profiles.alleles import RULES, WILDCARD
from prum_match.dna.profiles.loci import ESS_12, locus
from prum_match.dna.profiles.profile import Kind, Note, Profile
from support.dna import refused

SINGLE = ("homozygote", "wildcard", "drop")


def rules(profile: Profile) -> list[tuple[str, str | None]]:
    return [(note.rule, note.locus) for note in profile.notes]


# --- rules N1 to N9 -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "kept", "unresolved"),
    [
        (("X", "Y"), ("X", "Y"), False),
        (("Y", "X"), ("X", "Y"), False),
        (("x", "x"), ("X",), False),
        ("X", ("X",), False),
        (("X", "OL"), ("X", "*"), True),
        (("X", "*"), ("X", "*"), False),
        (("?",), ("*",), True),
        (("X", "X", "Y", "Y"), ("X", "Y"), False),
        (("", None), (), False),
    ],
)
def test_n1_amelogenin(values: Any, kept: tuple[str, ...], unresolved: bool) -> None:
    profile = Profile({"AMEL": values, "FGA": (20, 21)})
    assert profile.amelogenin == kept
    assert set(profile.pairs) == {"FGA"}
    assert set(profile.designations) == {"FGA"}
    assert ("N2", "AMEL") in rules(profile) or not unresolved


@pytest.mark.parametrize("value", ["1", 1, "1.0", "-", "2,0", True])
def test_n1_numbers_at_amelogenin_are_an_error(value: Any) -> None:
    error = refused("bad_allele", {"AM": ("X", value)})
    assert error.field == "AMEL"


def test_n2_and_n3_make_a_wildcard_in_the_exchange_view_only() -> None:
    for value, rule in (("OL", "N2"), ("<18", "N2"), ("99", "N3"), (1, "N3"), ("0.0", "N3")):
        profile = Profile({"FGA": (21, value)})
        assert profile.pairs == {"FGA": (84, WILDCARD)}
        assert profile.designations == {"FGA": (84,)}
        assert profile.originals == {"FGA": ("21", str(value))}
        assert rules(profile) == [(rule, "FGA")]
    assert rules(Profile({"FGA": (21, "*")})) == []


@pytest.mark.parametrize(
    ("values", "pair", "designations"),
    [
        ((21, 24, 26), (84, WILDCARD), (84, 96, 104)),
        ((19, 21, 24), (76, WILDCARD), (76, 84, 96)),
        ((26, 21, 24), (104, WILDCARD), (84, 96, 104)),
        ((21, 21, 24), (84, WILDCARD), (84, 96)),
        ((24, 21, 21), (96, WILDCARD), (84, 96)),
        ((21, 21, 21), (84, WILDCARD), (84,)),
        ((21, "OL", 24), (84, WILDCARD), (84, 96)),
        (("OL", 21, 24), None, (84, 96)),
        ((99, 21, 21), None, (84,)),
        (("", 21, None, 24), (84, 96), (84, 96)),
    ],
)
def test_n4_three_values(values: Any, pair: Any, designations: Any) -> None:
    profile = Profile({"FGA": values})
    assert profile.pairs.get("FGA") == pair
    assert profile.designations["FGA"] == designations
    found = rules(profile)
    assert (("N4", "FGA") in found) is ("" not in values)
    assert (("N8", "FGA") in found) is (pair is None)
    assert not profile.suspected_mixture


@pytest.mark.parametrize(
    "values", [(1, 2, 3, 4), (21, 21, 21, 21), ("OL", "OL", "OL", "OL"), (21, 22, 23, 24, "")]
)
def test_n5_four_values_are_a_mixture(values: Any) -> None:
    error = refused("mixture", {"TH01": (6, 9), "FGA": values})
    assert (error.field, error.rule) == ("FGA", "N5")


def test_n5_a_profile_marked_as_mixed_is_refused() -> None:
    error = refused("mixture", {"FGA": (21, 24)}, mixed=True)
    assert (error.field, error.rule) == ("mixed", "N5")


def test_n5b_two_loci_with_three_values_are_flagged_and_kept() -> None:
    one = Profile({"TPOX": (8, 9, 11), "FGA": (20, 21)})
    assert not one.suspected_mixture
    two = Profile({"TPOX": (8, 9, 11), "FGA": (20, 21, 21)})
    assert two.suspected_mixture
    assert rules(two)[-1] == ("N5b", None)
    assert two.pairs == {"TPOX": (32, WILDCARD), "FGA": (80, WILDCARD)}
    assert two != Profile({"TPOX": (8, 9, 11), "FGA": (20, 21, "OL")}) or two.suspected_mixture
    assert not Profile({"TPOX": (8, 9, 11), "AMEL": ("X", "Y", "Y")}).suspected_mixture


def test_n6_a_homozygote_is_a_pair_and_one_designation() -> None:
    profile = Profile({"FGA": ("21", "21.0")})
    assert profile.pairs == {"FGA": (84, 84)}
    assert profile.designations == {"FGA": (84,)}
    assert profile.originals == {"FGA": ("21", "21.0")}
    assert rules(profile) == [("N9", "FGA")]


@pytest.mark.parametrize("values", [(), [], None, "", " ", ("", None), [" ", "\t"]])
def test_n7_a_blank_locus_is_left_out_and_noted(values: Any) -> None:
    profile = Profile({"FGA": values, "TH01": (6, 7)})
    assert set(profile.pairs) == set(profile.designations) == set(profile.originals) == {"TH01"}
    assert rules(profile) == [("N7", "FGA")]


@pytest.mark.parametrize("values", [(21,), "21", 21, [21, None], ("", 21.0), np.int64(21)])
def test_n7b_a_single_value(values: Any) -> None:
    homozygote, wildcard = {"FGA": (84, 84)}, {"FGA": (84, WILDCARD)}
    cases = [
        ("reference", None, homozygote),
        ("stain", None, wildcard),
        ("reference", "wildcard", wildcard),
        ("stain", "homozygote", homozygote),
        ("reference", "drop", {}),
        ("stain", "drop", {}),
    ]
    for kind, option, pairs in cases:
        profile = Profile({"FGA": values}, kind=kind, single_allele=option)
        assert profile.pairs == pairs
        assert profile.designations == {"FGA": (84,)}
        assert ("N7b", "FGA") in rules(profile)
        assert profile.single_allele == (
            option or ("homozygote" if kind == "reference" else "wildcard")
        )


@pytest.mark.parametrize("option", SINGLE)
@pytest.mark.parametrize("values", [("r", "r"), ("OL",), (99,), (0, 1), ("*", "*"), ("r", 99, 0)])
def test_n8_two_wildcards_are_in_neither_view(values: Any, option: str) -> None:
    profile = Profile({"FGA": values, "TH01": (6, 7)}, single_allele=option)
    assert set(profile.pairs) == set(profile.designations) == {"TH01"}
    assert "FGA" in profile.originals
    assert len(profile.packed) == 4 + 12


@pytest.mark.parametrize("values", [("9,3", 6), (6, "9.4"), (True, 6), (6, np.float32(9.5))])
def test_n9_errors_name_the_locus_but_not_the_value(values: Any) -> None:
    error = refused("bad_allele", {"FGA": (20, 21), "th01": values})
    assert (error.field, error.rule) == ("TH01", "N9")
    assert error.value in values
    assert "9" not in f"{error} {error!r} {error.args}".replace("N9", "")


def test_n9_whole_numbers_with_a_point_are_noted() -> None:
    profile = Profile({"FGA": (16.0, "9.0")})
    assert profile.pairs == {"FGA": (36, 64)}
    assert rules(profile) == [("N9", "FGA"), ("N9", "FGA")]


def test_every_note_names_a_rule_that_is_explained() -> None:
    profile = Profile(
        {
            "VWA": ("o", 12),
            "TH01": (99, 9),
            "FGA": (19, 21, 24),
            "TPOX": (8, 8, 9),
            "D8S1179": "12.0",
            "D3S1358": None,
            "D18S51": ("r", "r"),
            "AMEL": "q",
            "DYS391": "10",
            "Yindel": "1",
        }
    )
    assert {note.rule for note in profile.notes} == {
        *("N2", "N3", "N4", "N5b", "N7", "N7b", "N8", "N9", "export")
    }
    for note in profile.notes:
        assert isinstance(note, Note)
        assert note.rule in RULES
        assert not set(note.message.replace("0, 1 or 99", "")) & set("123456789")
    with pytest.raises(TypeError):
        RULES["N1"] = "x"  # type: ignore[index]


# --- the profile as a whole ---------------------------------------------------------------------


def test_ignored_markers_are_dropped_with_a_note() -> None:
    profile = Profile({"DYS391": (10,), "DYS 385": (11, 14), "Yindel": "1", "QS1": "x", "FGA": 21})
    assert set(profile.pairs) == set(profile.originals) == {"FGA"}
    dropped = [note.locus for note in profile.notes if note.rule == "export"]
    assert dropped == ["DYS391", "DYS 385", "Yindel", "QS1"]


@pytest.mark.parametrize("pair", [("vWA", "VWA"), ("AM", "AMEL"), ("Penta D", "PENTA_D")])
@pytest.mark.parametrize("second", [("X", "X"), None])
def test_one_locus_under_two_spellings_is_refused(pair: tuple[str, str], second: Any) -> None:
    error = refused("duplicate_locus", {pair[0]: ("X", "X"), pair[1]: second})
    assert error.field == locus(pair[0]).name


def test_unknown_and_ambiguous_loci_are_refused() -> None:
    assert refused("unknown_locus", {"NOPE": (1, 2)}).value == "NOPE"
    refused("unknown_locus", {5: (1, 2)})
    refused("ambiguous_locus", {"D5S2500": (1, 2)})
    refused("unknown_locus", {("a", "b"): (1, 2)})


@pytest.mark.parametrize("name", ["XYZ", "D99S1", "Penta Q", "D5S2500"])
def test_the_error_names_the_locus(name: str) -> None:
    code = "ambiguous_locus" if name == "D5S2500" else "unknown_locus"
    assert f": {name} [{code}; field locus]" in str(refused(code, {"FGA": (20, 21), name: (1, 2)}))


@pytest.mark.parametrize(
    "name", ["Gabler, Hedda", "Ångström", "X\nY", "", "Hedda Gabler 1861-02-03"]
)
def test_what_resembles_no_locus_is_not_named(name: str) -> None:
    assert (
        str(refused("unknown_locus", {name: (1, 2)}))
        == "unknown locus [unknown_locus; field locus]"
    )


@pytest.mark.parametrize("container", [{20, 21}, frozenset({20}), {"20": 21}, iter([20]), range])
def test_containers_without_an_order_are_refused(container: Any) -> None:
    assert refused("bad_allele", {"FGA": container}).field == "FGA"


@pytest.mark.parametrize(
    "container",
    [
        ["20", "21"],
        ("20", "21"),
        np.array(["20", "21"]),
        np.array([20, 21]),
        np.array([20.0, 21.0]),
        np.array([20, "21"], dtype=object),
        range(20, 22),
    ],
)
def test_containers_with_an_order(container: Any) -> None:
    assert Profile({"FGA": container}).pairs == {"FGA": (80, 84)}


@pytest.mark.parametrize(
    "container", [np.array([20, 21], np.float32), np.array([True]), np.array([[20, 21]]), [[20]]]
)
def test_arrays_of_untrusted_types_are_refused(container: Any) -> None:
    refused("bad_allele", {"FGA": container})


def test_zero_dimensional_arrays_are_refused() -> None:
    refused("bad_allele", {"FGA": np.array(20)})


@pytest.mark.parametrize("wrong", [None, 5, "FGA", [("FGA", (20, 21))]])
def test_a_profile_is_a_mapping(wrong: Any) -> None:
    refused("bad_profile", wrong)


@pytest.mark.parametrize("first", [1, True, 1.0, "1", Decimal(1), np.int8(1), 0.0, -0.0])
def test_equal_keys_of_other_types_never_answer_for_each_other(first: Any) -> None:
    allowed = [(20, 1), (20, 1.0), (20, "1"), (20, 0.0), (20, 0), ("20", Decimal(1))]
    for values in allowed:
        assert Profile({"FGA": values}).pairs == {"FGA": (80, WILDCARD)}
    if type(first) is bool or str(first) == "-0.0":
        refused("bad_allele", {"FGA": (20, first)})
        refused("bad_allele", {"FGA": ["20", first]})
    else:
        assert Profile({"FGA": (20, first)}).pairs == {"FGA": (80, WILDCARD)}


def test_results_do_not_depend_on_what_was_seen_before() -> None:
    values = ("13.2", "14")
    seen = {Profile({"D19S433": values}, single_allele=option).packed for option in SINGLE}
    assert len(seen) == 1
    single = [Profile({"D19S433": ("13.2",)}, single_allele=option).pairs for option in SINGLE]
    assert single == [{"D19S433": (54, 54)}, {"D19S433": (54, WILDCARD)}, {}]


def test_the_cache_is_bounded_and_keeps_no_long_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normalise, "_CACHE_LIMIT", 10)
    for repeats in range(2, 60):
        Profile({"SE33": (str(repeats), "31")})
    same = normalise.entry_caches["homozygote"][str, str]
    assert len(same) <= 10
    secret = "Mustermann, Erika"
    Profile({"FGA": ("21", secret)})
    Profile({"FGA": (21, secret)})
    held = str(normalise.entry_caches)
    assert secret not in held


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("reference", Kind.REFERENCE),
        ("Person", Kind.REFERENCE),
        ("identified", Kind.REFERENCE),
        (" P ", Kind.REFERENCE),
        ("stain", Kind.STAIN),
        ("TRACE", Kind.STAIN),
        ("unidentified", Kind.STAIN),
        ("s", Kind.STAIN),
        (Kind.STAIN, Kind.STAIN),
    ],
)
def test_kinds(word: str, kind: Kind) -> None:
    assert Kind.parse(word) is kind
    assert Profile({}, kind=word).kind is kind


@pytest.mark.parametrize("word", ["", "x", "persons", None, 1])
def test_unknown_kinds(word: Any) -> None:
    assert refused("bad_kind", {}, kind=word).field == "kind"


@pytest.mark.parametrize("option", ["", "Drop", 1, ["drop"]])
def test_unknown_meanings_of_a_single_value(option: Any) -> None:
    assert refused("bad_option", {}, single_allele=option).field == "single_allele"


def test_profiles_are_values() -> None:
    a = Profile({"vWA": (16, 17), "FGA": ("21", "24")})
    b = Profile({"fga": (24.0, "21"), "VWA": ["17", "16"]})
    assert a == b
    assert hash(a) == hash(b)
    assert len({a, b}) == 1
    assert a != Profile({"vWA": (16, 17), "FGA": ("21", "24")}, kind="stain")
    assert a != Profile({"vWA": (16, 17), "FGA": ("21", "25")})
    assert a != Profile({"vWA": (16, 17), "FGA": ("21", "24"), "AMEL": "X"})
    assert a != "profile"
    assert Profile({"FGA": (19, 21, 24)}) != Profile({"FGA": (19, 21, 25)})


def test_profiles_are_immutable() -> None:
    profile = Profile({"FGA": (21, 24)})
    for name in ("kind", "packed", "pairs", "anything"):
        with pytest.raises(AttributeError):
            setattr(profile, name, None)
    with pytest.raises(AttributeError):
        del profile.kind
    for mapping in (profile.pairs, profile.originals, profile.designations):
        with pytest.raises(TypeError):
            mapping["FGA"] = ()  # type: ignore[index]
    values = [21, 24]
    profile = Profile({"FGA": values})
    values.append(25)
    assert profile.originals == {"FGA": ("21", "24")}


def test_printing_shows_no_allele() -> None:
    profile = Profile({"FGA": (21, 24), "TH01": (6, "9.3"), "AMEL": "X"}, kind="stain")
    assert repr(profile) == str(profile) == "<Profile: stain, 2 loci>"


def test_copies_and_pickles_keep_everything() -> None:
    profile = Profile({"FGA": ("21", "OL"), "TPOX": (8, 9, 11), "AMEL": "X"}, kind="stain")
    assert copy.copy(profile) is copy.deepcopy(profile) is profile
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        other = pickle.loads(pickle.dumps(profile, protocol))
        assert other == profile
        assert (other.notes, other.originals, other.single_allele) == (
            profile.notes,
            profile.originals,
            profile.single_allele,
        )


def test_an_empty_profile_is_possible() -> None:
    profile = Profile({})
    assert profile.packed == bytes(4)
    for view in (profile.pairs, profile.originals, profile.designations):
        assert dict(view) == {}
    assert len(profile.notes) == len(profile.amelogenin) == 0


def test_lazy_views_from_many_threads() -> None:
    profile = Profile(dict.fromkeys(ESS_12, (10, 12)))
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(profile.pairs)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(pairs == dict.fromkeys(ESS_12, (40, 48)) or len(pairs) == 12 for pairs in found)
