# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Python strings into flat buffers, millions a second."""

from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport uint64_t
from libc.string cimport memcpy

import numpy as np

from prum_match.errors import InvalidInput

cdef inline int _bad(const char* text, Py_ssize_t size, Py_ssize_t most) noexcept nogil:
    cdef Py_ssize_t i
    if size < 1 or size > most:
        return 1
    for i in range(size):
        if text[i] < 0x20 or text[i] > 0x7E:
            return 1
    return 0


def pack_strings(strings, str field, Py_ssize_t most=64, bint optional=False):
    """Pack short ASCII strings into offsets and bytes.

    Parameters
    ----------
    strings : sequence of str
        Each 1 to `most` printable ASCII characters.
    field : str
        What the strings are, for the error.
    most : int
        Longest string.
    optional : bool
        Whether an item may be None, which packs to no characters.

    Returns
    -------
    offsets : numpy.ndarray of uint64, shape (n + 1,)
    bytes : numpy.ndarray of uint8

    Raises
    ------
    InvalidInput
        Code ``bad_<field>``, with the index of the first string that is not as described.
    """
    cdef list items = strings if isinstance(strings, list) else list(strings)
    cdef Py_ssize_t n = len(items)
    cdef Py_ssize_t i, size = 0
    cdef uint64_t total = 0
    cdef const char* text
    cdef object item
    offsets = np.empty(n + 1, dtype=np.uint64)
    cdef uint64_t[::1] ends = offsets
    ends[0] = 0
    for i in range(n):
        item = items[i]
        text = NULL
        if optional and item is None:
            ends[i + 1] = total
            continue
        if isinstance(item, str):
            try:
                text = PyUnicode_AsUTF8AndSize(item, &size)
            except UnicodeEncodeError:
                text = NULL
        if text == NULL or _bad(text, size, most):
            raise InvalidInput(
                f"not 1 to {most} printable ASCII characters",
                code=f"bad_{field}",
                index=i,
                field=field,
                value=item,
            )
        total += size
        ends[i + 1] = total
    buffer = np.empty(total, dtype=np.uint8)
    cdef unsigned char[::1] out = buffer
    if total == 0:
        return offsets, buffer
    cdef char* to = <char*>&out[0]
    for i in range(n):
        if items[i] is None:
            continue
        text = PyUnicode_AsUTF8AndSize(items[i], &size)
        memcpy(to + ends[i], text, size)
    return offsets, buffer
