"""Rules for alleles that are rare or absent in the sample behind a frequency table.

A sample of a few hundred people says little about an allele that it contains once, and nothing
about one that it does not contain. Three published rules set a minimum for such frequencies; each
favours the person who is compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

from prum_match.errors import InvalidInput
from prum_match.values.checks import whole_number


@dataclass(frozen=True)
class MinimumFrequency:
    """The minimum frequency of an allele, with the rule behind it.

    Make one with :meth:`fixed`, :meth:`nrc2`, :meth:`weir` or
    :meth:`budowle_monson_chakraborty`. An allele below the value, or not in the table at all, is
    treated as having the value: a sample says little about what it hardly contains.

    Attributes
    ----------
    name : str
        Short name of the rule.
    value : float
        The frequency.
    source : str
        The source of the rule and the numbers that it was applied to.

    Examples
    --------
    >>> MinimumFrequency.nrc2(200).value
    0.0125
    """

    name: str
    value: float
    source: str

    def __post_init__(self) -> None:
        if not math.isfinite(self.value) or not 0.0 < self.value <= 1.0:
            raise InvalidInput(
                "a minimum frequency is more than 0 and at most 1",
                code="bad_frequency",
                field="minimum",
                value=self.value,
            )

    @classmethod
    def fixed(cls, p: float) -> Self:
        """Return a minimum that the caller's own rules fix.

        Examples
        --------
        >>> MinimumFrequency.fixed(0.002).value
        0.002
        """
        return cls("fixed", float(p), "fixed by the caller")

    @classmethod
    def nrc2(cls, n: int) -> Self:
        """Return 5 / (2n): an allele counts as seen five times at least.

        Parameters
        ----------
        n : int
            Number of people in the sample.

        Notes
        -----
        National Research Council (1996), The Evaluation of Forensic DNA Evidence, chapter 5
        (bins seen fewer than five times are merged; 2n is the number of alleles in the sample).
        """
        n = whole_number(n, "n", least=1, code="bad_option")
        return cls("nrc2", min(1.0, 5.0 / (2 * n)), f"NRC II 1996, chapter 5: 5/(2n), n={n}")

    @classmethod
    def weir(cls, n: int, alpha: float = 0.05) -> Self:
        """Return 1 - alpha^(1 / 2n), the upper confidence limit for an allele never seen.

        Parameters
        ----------
        n : int
            Number of people in the sample.
        alpha : float, default 0.05
            One minus the confidence.

        Notes
        -----
        Weir (1992): the frequency at which a sample of 2n alleles misses the allele with
        probability alpha, (1 - p)^2n = alpha.

        Examples
        --------
        >>> round(MinimumFrequency.weir(100, 0.05).value, 6)
        0.014867
        """
        n = whole_number(n, "n", least=1, code="bad_option")
        _level(alpha)
        value = -math.expm1(math.log(alpha) / (2 * n))
        return cls("weir", value, f"Weir 1992: 1 - alpha^(1/2n), n={n}, alpha={alpha}")

    @classmethod
    def budowle_monson_chakraborty(cls, n: int, c: int, alpha: float = 0.05) -> Self:
        """Return 1 - [1 - (1 - alpha)^(1/c)]^(1 / 2n), Weir's limit held for c alleles at once.

        Parameters
        ----------
        n : int
            Number of people in the sample.
        c : int
            Number of common alleles at the locus; 1 gives the rule of Weir.
        alpha : float, default 0.05
            One minus the confidence.

        Notes
        -----
        Budowle, Monson, Chakraborty (1996), Int J Legal Med 108:173-176.

        Examples
        --------
        >>> round(MinimumFrequency.budowle_monson_chakraborty(100, 10, 0.05).value, 6)
        0.026032
        """
        n = whole_number(n, "n", least=1, code="bad_option")
        _level(alpha)
        c = whole_number(c, "c", least=1, code="bad_option")
        per_allele = -math.expm1(math.log1p(-alpha) / c)
        return cls(
            "budowle_monson_chakraborty",
            -math.expm1(math.log(per_allele) / (2 * n)),
            f"Budowle, Monson, Chakraborty 1996, n={n}, c={c}, alpha={alpha}",
        )


def _level(alpha: float) -> None:
    if not 0.0 < alpha < 1.0:
        raise InvalidInput(
            "alpha lies between 0 and 1", code="bad_option", field="alpha", value=alpha
        )
