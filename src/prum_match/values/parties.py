"""The parties of the exchange and their codes.

The code of a state is its ISO 3166-1 alpha-2 code (Decision 2008/616/JHA, Art. 7(5)). ``EL`` and
``UK``, which the Union's own style uses, are understood on input and never written.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from prum_match.errors import InvalidInput


class Party(NamedTuple):
    """One party that can ask and be asked.

    Parameters
    ----------
    code : str
        ISO 3166-1 alpha-2 code, or ``"EUROPOL"``.
    name : str
        English short name.
    source : str
        Legal basis of the entry.
    note : str
        A hint for hosts that ask this party; empty for most.

    Examples
    --------
    >>> PARTIES["DK"].note
    'not bound by Regulation (EU) 2024/982 (recital 46); the 2008 rules go on to apply'
    """

    code: str
    name: str
    source: str
    note: str = ""


_2008 = "Decision 2008/616/JHA, code table"
_2024 = "Regulation (EU) 2024/982"
_MEMBER = f"Member State; {_2008}; {_2024}"
_ASSOCIATED = "associated by an agreement with the Union; ISO 3166-1"

_ROWS = (
    Party("AT", "Austria", _MEMBER),
    Party("BE", "Belgium", _MEMBER),
    Party("BG", "Bulgaria", _MEMBER),
    Party("CH", "Switzerland", _ASSOCIATED),
    Party("CY", "Cyprus", _MEMBER),
    Party("CZ", "Czechia", _MEMBER),
    Party("DE", "Germany", _MEMBER),
    Party(
        "DK",
        "Denmark",
        f"Member State; {_2008}",
        f"not bound by {_2024} (recital 46); the 2008 rules go on to apply",
    ),
    Party("EE", "Estonia", _MEMBER),
    Party("ES", "Spain", _MEMBER),
    Party("EUROPOL", "Europol", f"{_2024}, Arts. 48 and 49", "an agency; not an ISO code"),
    Party("FI", "Finland", _MEMBER),
    Party("FR", "France", _MEMBER),
    Party(
        "GB",
        "United Kingdom",
        f"{_2008}; EU-UK Trade and Cooperation Agreement, Annex 39",
        f"third country, not bound by {_2024}",
    ),
    Party("GR", "Greece", _MEMBER),
    Party("HR", "Croatia", f"Member State since 2013; ISO 3166-1; {_2024}"),
    Party("HU", "Hungary", _MEMBER),
    Party("IE", "Ireland", _MEMBER, f"bound by {_2024} (recital 47)"),
    Party("IS", "Iceland", _ASSOCIATED),
    Party("IT", "Italy", _MEMBER),
    Party("LI", "Liechtenstein", _ASSOCIATED),
    Party("LT", "Lithuania", _MEMBER),
    Party("LU", "Luxembourg", _MEMBER),
    Party("LV", "Latvia", _MEMBER),
    Party("MT", "Malta", _MEMBER),
    Party("NL", "Netherlands", _MEMBER),
    Party("NO", "Norway", _ASSOCIATED),
    Party("PL", "Poland", _MEMBER),
    Party("PT", "Portugal", _MEMBER),
    Party("RO", "Romania", _MEMBER),
    Party("SE", "Sweden", _MEMBER),
    Party("SI", "Slovenia", _MEMBER),
    Party("SK", "Slovakia", _MEMBER),
)

PARTIES: Mapping[str, Party] = MappingProxyType({party.code: party for party in _ROWS})

_ALIASES = {"EL": "GR", "UK": "GB"}


def party_code(text: str) -> str:
    """Read the code of a party.

    Parameters
    ----------
    text : str
        A code of `PARTIES`, or one of the aliases ``EL`` and ``UK``.

    Returns
    -------
    str
        The code as the messages write it.

    Raises
    ------
    InvalidInput
        ``unknown_party``: no such party.

    Examples
    --------
    >>> party_code("EL"), party_code("AT")
    ('GR', 'AT')
    """
    code = _ALIASES.get(text, text) if isinstance(text, str) else ""
    if code not in PARTIES:
        raise InvalidInput(
            "not the code of a party of the exchange",
            code="unknown_party",
            field="party",
            rule="ISO 3166-1 alpha-2 or EUROPOL",
            value=text,
        )
    return code
