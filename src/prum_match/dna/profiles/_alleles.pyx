# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Profiles in columns of a table: what is plain is read here, all the rest by `dna.Profile`."""

from libc.stdint cimport int16_t, uint8_t, uint16_t
from libc.string cimport memcpy

import numpy as np

from prum_match.engine.tables._strings cimport Part, Strings, View, string_at

# Besides alleles in tenths of a repeat: 93 is 9.3.
cdef enum Found:
    UNTYPED = 0
    WILDCARD = -1
    BLANK = -2
    ODD = -3

cdef enum:
    # Rows that are read locus by locus while they stay in the cache.
    BLOCK = 4096
    EXCHANGE_WILDCARD = 0xFFFF


cdef inline int allele_in(const char* text, Py_ssize_t size, int period) noexcept nogil:
    """Read an allele, odd if a rule has to look at it or it is none."""
    cdef int tenths = 0, fraction = 0
    cdef Py_ssize_t i, whole = size
    if size < 0:
        return UNTYPED
    if size == 0:
        return BLANK
    if size == 1 and text[0] == c"*":
        return WILDCARD
    if size >= 3 and text[size - 2] == c".":
        whole = size - 2
        fraction = text[size - 1] - c"0"
        if not 0 < fraction < period or fraction > 9:
            return ODD
    if whole > 2:
        return ODD
    for i in range(whole):
        if not c"0" <= text[i] <= c"9":
            return ODD
        tenths = 10 * tenths + 10 * (text[i] - c"0")
    return tenths + fraction if tenths + fraction else ODD


cdef inline int sex_in(const char* text, Py_ssize_t size) noexcept nogil:
    """Read a value of amelogenin as the bits of a packed profile."""
    if size < 0:
        return UNTYPED
    if size == 0:
        return BLANK
    if size > 1:
        return ODD
    if text[0] == c"X" or text[0] == c"x":
        return 1
    if text[0] == c"Y" or text[0] == c"y":
        return 2
    return 4 if text[0] == c"*" else ODD


cdef void read_pairs(
    const View* a, const View* b, Py_ssize_t begin, Py_ssize_t end, int period,
    int16_t* out, Py_ssize_t stride, uint8_t* odd, uint16_t* blanks,
) noexcept nogil:
    """Read both alleles of a locus."""
    cdef const char* text = NULL
    cdef Py_ssize_t row, size
    cdef int x, y, alone
    for row in range(begin, end):
        size = string_at(a, row, &text)
        x = allele_in(text, size, period)
        size = string_at(b, row, &text)
        y = allele_in(text, size, period)
        if x == ODD or y == ODD:
            odd[row] = 1
            continue
        if (x == UNTYPED or x == BLANK) or (y == UNTYPED or y == BLANK):
            alone = y if x == UNTYPED or x == BLANK else x
            if alone == UNTYPED or alone == BLANK:
                blanks[row] += x == BLANK or y == BLANK
                continue
            # A wildcard alone falls under two rules.
            if alone == WILDCARD or alone == 10 or alone == 990:
                odd[row] = 1
                continue
            x, y = alone, UNTYPED
        out[row * stride] = <int16_t>x
        out[row * stride + 1] = <int16_t>y


cdef void read_sexes(
    const View* a, const View* b, Py_ssize_t begin, Py_ssize_t end,
    uint8_t* out, uint8_t* odd, uint16_t* blanks,
) noexcept nogil:
    """Read both values of amelogenin."""
    cdef const char* text = NULL
    cdef Py_ssize_t row, size
    cdef int x, y
    for row in range(begin, end):
        size = string_at(a, row, &text)
        x = sex_in(text, size)
        size = string_at(b, row, &text)
        y = sex_in(text, size)
        if x == ODD or y == ODD:
            odd[row] = 1
        elif x <= 0 and y <= 0:
            blanks[row] += x == BLANK or y == BLANK
        else:
            out[row] = <uint8_t>(max(x, 0) | max(y, 0))


cdef void read_more(
    const View* more, Py_ssize_t begin, Py_ssize_t end, uint8_t* odd
) noexcept nogil:
    """Leave rows with more than two values to the rules."""
    cdef const char* text = NULL
    cdef Py_ssize_t row
    for row in range(begin, end):
        if string_at(more, row, &text) > 0:
            odd[row] = 1


def read_alleles(list loci, int n_loci, Py_ssize_t n):
    """Read the plain rows of columns of alleles.

    Parameters
    ----------
    loci : list of (int, int, tuple of Strings)
        For each locus its place in the result (-1 for amelogenin), its repeat period, and its
        columns, at least two.
    n_loci : int
        Number of loci in the result.
    n : int
        Number of rows.

    Returns
    -------
    tenths : numpy.ndarray of int16, shape (n, n_loci, 2)
        Alleles as a :class:`ProfileTable` has them.
    sexes : numpy.ndarray of uint8, shape (n,)
        Bits of amelogenin.
    blanks : numpy.ndarray of uint16, shape (n,)
        Loci whose values are blank.
    odd : numpy.ndarray of bool, shape (n,)
        Rows with something that only the rules of :class:`Profile` can judge.
    """
    tenths, sexes = np.zeros((n, n_loci, 2), np.int16), np.zeros(n, np.uint8)
    blanks, odd = np.zeros(n, np.uint16), np.zeros(n, np.bool_)
    cdef Py_ssize_t stride = 2 * n_loci, base = 0, begin, end, k, parts, size
    cdef int slot, period
    cdef tuple columns
    cdef Part a, b, more
    if not n:
        return tenths, sexes, blanks, odd
    cdef int16_t[::1] alleles = tenths.reshape(-1)
    cdef uint8_t[::1] sex = sexes
    cdef uint8_t[::1] strange = odd.view(np.uint8)
    cdef uint16_t[::1] blank = blanks
    cdef int16_t* to = &alleles[0] if stride else NULL
    parts = len((<Strings>loci[0][2][0]).parts)
    for k in range(parts):
        size = (<Part>(<Strings>loci[0][2][0]).parts[k]).view.n
        begin = 0
        while begin < size:
            end = min(begin + BLOCK, size)
            for slot, period, columns in loci:
                a, b = (<Strings>columns[0]).parts[k], (<Strings>columns[1]).parts[k]
                with nogil:
                    if slot < 0:
                        read_sexes(
                            &a.view, &b.view, begin, end,
                            &sex[base], &strange[base], &blank[base],
                        )
                    else:
                        read_pairs(
                            &a.view, &b.view, begin, end, period,
                            to + base * stride + 2 * slot, stride, &strange[base], &blank[base],
                        )
                for strings in columns[2:]:
                    more = (<Strings>strings).parts[k]
                    read_more(&more.view, begin, end, &strange[base])
            begin = end
        base += size
    return tenths, sexes, blanks, odd


cdef bint is_length(int length, int period) noexcept nogil:
    """Tell whether a designation has this length and is no token for a wildcard (N3)."""
    if not 0 < length < 100 * period:
        return False
    return length % period or not (length == period or length == 99 * period)


cdef bint is_record(const uint16_t* record, int period) noexcept nogil:
    """Tell whether both views of a locus can belong together."""
    cdef int low = record[1], high = record[2], known = 0, i
    cdef const uint16_t* designations = record + 3
    while known < 3 and designations[known]:
        if not is_length(designations[known], period):
            return False
        if known and designations[known] <= designations[known - 1]:
            return False
        known += 1
    for i in range(known, 3):
        if designations[i]:
            return False
    if low == 0:
        return high == 0 and (known == 1 or known == 2)
    if high == EXCHANGE_WILDCARD:
        for i in range(known):
            if designations[i] == low:
                return True
        return False
    if low == high:
        return known == 1 and designations[0] == low
    return known == 2 and designations[0] == low and designations[1] == high


cdef bint is_packed(
    const uint8_t* text, Py_ssize_t size, const uint8_t[::1] periods
) noexcept nogil:
    """Tell whether a profile packs to these bytes."""
    cdef uint16_t record[6]
    cdef int i, previous = -1
    if size < 4 or text[0] > 1 or text[1] > 7 or text[2] > 1 or size != 4 + 12 * text[3]:
        return False
    for i in range(text[3]):
        memcpy(&record[0], text + 4 + 12 * i, 12)
        if record[0] <= previous or record[0] >= periods.shape[0]:
            return False
        previous = record[0]
        if not is_record(&record[0], periods[record[0]]):
            return False
    return True


def find_packed(Strings strings, const uint8_t[::1] periods):
    """Tell which rows hold packed profiles.

    Parameters
    ----------
    strings : Strings
        A column of bytes.
    periods : numpy.ndarray of uint8
        Repeat periods of the loci by their index.

    Returns
    -------
    packed : numpy.ndarray of bool
    mixtures : numpy.ndarray of bool
        Which of them are marked as suspected mixtures.
    """
    packed, mixtures = np.zeros(strings.n, np.bool_), np.zeros(strings.n, np.bool_)
    cdef uint8_t[::1] out = packed.view(np.uint8)
    cdef uint8_t[::1] mixed = mixtures.view(np.uint8)
    cdef const char* text = NULL
    cdef Py_ssize_t row, size, base = 0
    cdef Part part
    for part in strings.parts:
        with nogil:
            for row in range(part.view.n):
                size = string_at(&part.view, row, &text)
                if size >= 0 and is_packed(<const uint8_t*>text, size, periods):
                    out[base + row] = 1
                    mixed[base + row] = text[2] & 1
        base += part.view.n
    return packed, mixtures
