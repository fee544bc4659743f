from __future__ import annotations

import subprocess
import sys

import pytest

import prum_match.evaluation as evaluation


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.strip()


def test_metrics_only_load_numpy() -> None:
    loaded = run(
        "import sys, prum_match.evaluation as e\n"
        "e.fmr([0.1], 0.5), e.cllr(mated_llrs=[1.0], nonmated_llrs=[0.0])\n"
        "e.cllr_min(mated_scores=[1.0], nonmated_scores=[0.0])\n"
        "heavy = {'sklearn', 'scipy', 'matplotlib', 'joblib', 'pandas'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "e.LogisticCalibrator\n"
        "print('sklearn' in sys.modules)"
    )
    assert loaded.splitlines() == ["[]", "True"]


def test_without_scikit_learn() -> None:
    said = run(
        "import sys\n"
        "sys.modules['sklearn'] = None\n"
        "import prum_match.evaluation as e\n"
        "from prum_match.errors import PrumError\n"
        "try:\n"
        "    e.IsotonicCalibrator\n"
        "except PrumError as error:\n"
        "    print(type(error).__name__, error.code, error.field)"
    )
    assert said == "PrumError missing_extra evaluation"


def test_every_public_name_is_there() -> None:
    assert evaluation.__all__ == sorted(evaluation.__all__)
    assert dir(evaluation) == evaluation.__all__
    for name in evaluation.__all__:
        assert getattr(evaluation, name) is not None
    with pytest.raises(AttributeError):
        evaluation.nothing  # noqa: B018
