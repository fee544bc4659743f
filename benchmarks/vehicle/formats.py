"""How plates of 32 countries are built: enough for simulated registers, no more.

In a form ``A`` is a letter of the country's series, ``9`` a digit, ``1`` a digit but 0, ``h`` 1
or 2, and ``d`` one of the country's districts; anything else stands for itself. Forms are those of
common plates; rare ones are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DIGITS = "0123456789"
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Country:
    """Vehicles in use, millions, roughly; shares of forms; letters of the series; districts."""

    fleet: float
    forms: Mapping[str, float]
    letters: str = LATIN
    districts: tuple[str, ...] = ()


def _without(letters: str) -> str:
    return "".join(letter for letter in LATIN if letter not in letters)


_AT = "W,G,L,S,I,K,P,B,BN,BL,GU,KU,LL,LB,MD,MT,NK,SB,TU,UU,VB,WU,WB,WN,KB,FE,DO,BR,EF,FK,GF,HL,IM"
_BG = "CB,CA,E,A,B,BT,BH,BP,EB,TX,K,KH,OB,M,PA,PK,EH,PB,PP,P,CC,CH,CM,CO,CT,T,X,H,Y"
_DE = (
    "B,M,HH,K,F,S,D,DO,E,HB,H,L,DD,N,BO,W,BI,BN,MS,KA,MA,A,WI,GE,MG,BS,KI,C,AC,HAL,MD,FR,KR,LU,"
    "OB,EF,MZ,HRO,KS,HA,SB,HAM,MH,OL,LEV,OS,SG,HE,NE,HD,DA,PB,R,IN,FÜ,WÜ,UL,HN,PF,WOB,GÖ,BOT,RE,"
    "RS,KO,BER,JE,TR,ER,TÖL,FFB,STA,MY,OF,GG,HG,LB,BB,ES,TÜ,RT,GP,AA,UN,SO,HSK,LÜN,LIP,MK,EN,WES,"
    "AK,MYK,DAU,BIT,WIL,BAD,BA,BAB,BAR,LOS,MOL,OPR,PM,TF,UM,LDS,OHV,HVL,EE,EL,NMS,PI,SE,RZ,STD,"
    "ROW,VER,GÜ,HF,MI,HX,SÜW,GER,LD,NW,DÜW,RP,SP,ZW,PS,KL,KUS,DN,EU,AW,AÖ,PAN,PA,DEG,REG,CHA"
)
_CH = "AG,AI,AR,BE,BL,BS,FR,GE,GL,GR,JU,LU,NE,NW,OW,SG,SH,SO,SZ,TG,TI,UR,VD,VS,ZG,ZH"
_HR = "ZG,ST,RI,OS,ZD,PU,SB,KA,VŽ,ČK,ŠI,BJ,SK,KR,DU,VU,VK,DJ,NA,MA,IM,GS,DA,BM,KC,KT,KŽ,NG,OG"
_IE = "C,CE,CN,CW,D,DL,G,KE,KK,KY,L,LD,LH,LM,LS,MH,MN,MO,OY,RN,SO,T,TS,W,WH,WW,WX"
_PL = "WA,WB,WD,WE,WF,WI,WX,KR,KK,PO,PY,GD,GA,DW,DX,LU,SK,SB,SC,SO,EL,EP,BI,RZ,OP,ZS,WGM,WPR,KRA"
_RO = "AB,AR,AG,BC,BH,BN,BT,BV,BR,BZ,CS,CL,CJ,CT,CV,DB,DJ,GL,GJ,HR,HD,IL,IS,IF,MM,MH,MS,NT,OT,PH"
_SI = "LJ,MB,CE,KR,NM,GO,PO,MS,SG,KK,KP"
_SK = "BA,BB,BL,BN,BR,BY,CA,DK,DS,DT,GA,HE,KE,KN,KS,LM,LV,MA,MI,MT,NM,NR,NZ,PB,PD,PO,PP,RK,RS,SN"

_DUTCH = (
    "AA9999 9999AA 99AA99 AA99AA AAAA99 99AAAA 99AAA9 9AAA99 AA999A A999AA AAA99A A99AAA 9AA999 "
    "999AA9"
)
_GERMAN = {
    **{"dAA1999": 30, "dAA199": 24, "dAA19": 12, "dAA1": 2, "dA1999": 14, "dA199": 10, "dA19": 4},
    **{"dA1": 1, "dAA199E": 2, "dAA199H": 1},
}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


COUNTRIES: Mapping[str, Country] = {
    "DE": Country(58, _GERMAN, districts=_words(_DE)),
    "AT": Country(6.0, {"d9999AA": 2, "d199AA": 3, "d19999A": 3}, _without("Q"), _words(_AT)),
    "BE": Country(7.2, {"1AAA999": 8, "AAA999": 1, "999AAA": 1}),
    "BG": Country(3.3, {"d9999AA": 1}, "ABEKMHPCTX", _words(_BG)),
    "CY": Country(0.7, {"AAA999": 1}),
    "CZ": Country(7.5, {"1A99999": 3, "1AA9999": 5}, _without("GOQW")),
    "DK": Country(3.2, {"AA99999": 1}, _without("IQW")),
    "EE": Country(1.0, {"999AAA": 1}),
    "ES": Country(30, {"9999AAA": 9, "A9999AA": 1}, "BCDFGHJKLMNPRSTVWXYZ"),
    "FI": Country(4.0, {"AAA199": 8, "AAA19": 2}),
    "FR": Country(46, {"AA999AA": 8, "1999AA99": 1, "199AAA99": 1}, _without("IOU")),
    "GR": Country(8.0, {"AAA1999": 1}, "ABEZHIKMNOPTYX"),
    "HR": Country(2.3, {"d1999AA": 2, "d199AA": 2, "d1999A": 1}, _without("QWXY"), _words(_HR)),
    "HU": Country(4.9, {"AAA999": 4, "AAAA999": 1}),
    "IE": Country(
        2.7, {"99hd19999": 3, "99hd1999": 3, "99d19999": 2, "99d199": 1}, "", _words(_IE)
    ),
    "IT": Country(45, {"AA999AA": 1}, _without("EIOQU")),
    "LT": Country(1.9, {"AAA999": 1}, _without("QWX")),
    "LU": Country(0.6, {"AA9999": 5, "19999": 1, "199999": 1}),
    "LV": Country(0.9, {"AA1999": 5, "AA199": 1, "AA19": 1}),
    "MT": Country(0.4, {"AAA999": 1}),
    "NL": Country(10.5, dict.fromkeys(_DUTCH.split(), 1.0), "BDFGHJKLNPRSTVXZ"),
    "PL": Country(27, {"d9999A": 4, "d99999": 3, "d999AA": 3}, _without("BDIOQZ"), _words(_PL)),
    "PT": Country(6.8, {"AA99AA": 3, "99AA99": 4, "9999AA": 2, "AA9999": 1}),
    "RO": Country(9.5, {"d99AAA": 1}, _without("Q"), _words(_RO)),
    "SE": Country(6.0, {"AAA999": 3, "AAA99A": 2}, _without("IQV")),
    "SI": Country(1.4, {"dAA999": 4, "d999AA": 1}, districts=_words(_SI)),
    "SK": Country(3.1, {"d999AA": 1}, districts=_words(_SK)),
    "CH": Country(5.9, {"d199999": 5, "d19999": 3, "d1999": 1, "d199": 0.1}, "", _words(_CH)),
    "LI": Country(0.04, {"d19999": 4, "d1999": 1}, "", ("FL",)),
    "NO": Country(3.6, {"AA19999": 1}, _without("GIMOQW")),
    "IS": Country(0.4, {"AAA99": 3, "AA999": 1}),
    "GB": Country(40, {"AA99AAA": 9, "A199AAA": 1, "AAA199A": 0.5}, _without("IQ")),
}
