# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Strings of an Arrow table, read where they lie, and checked before anything is read."""

from bisect import bisect_right

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcmp, memcpy

import numpy as np

from prum_match.errors import InvalidInput

_LAYOUTS = {"offsets_32": 1, "offsets_64": 2, "views": 3, "indices": 4, "nothing": 0}


cdef bint _spans_fit(const View* view) noexcept nogil:
    """Tell whether all strings of a part lie in its buffers."""
    cdef Py_ssize_t i, k
    cdef int64_t begin, size, end
    for i in range(view.first, view.first + view.n):
        if view.layout == INDICES:
            k = int32_at(view.places, i)
            if is_valid(view, i) and not 0 <= k < view.dictionary.n:
                return False
        elif view.layout == VIEWS:
            size = int32_at(view.places, 4 * i)
            if not is_valid(view, i) or 0 <= size <= 12:
                continue
            k = int32_at(view.places, 4 * i + 2)
            begin = int32_at(view.places, 4 * i + 3)
            if size < 0 or not 0 <= k < view.n_data or not 0 <= begin <= view.sizes[k] - size:
                return False
        else:
            if view.layout == OFFSETS_32:
                begin, end = int32_at(view.places, i), int32_at(view.places, i + 1)
            else:
                begin, end = int64_at(view.places, i), int64_at(view.places, i + 1)
            if not 0 <= begin <= end <= view.sizes[0]:
                return False
    return True


cdef class Part:
    """One chunk of a column of strings.

    Parameters
    ----------
    layout : {"offsets_32", "offsets_64", "views", "indices", "nothing"}
        How the strings are found; indices are of 32 bits and count the strings of `dictionary`.
    n : int
        Number of strings.
    first : int
        Rows of the buffers before them.
    valid : numpy.ndarray of uint8
        A bit a row, none set for a null; of size 0 if there are no nulls.
    places : numpy.ndarray of uint8
        The bytes of offsets, views or indices.
    data : sequence of numpy.ndarray of uint8
        What offsets and views point into.
    dictionary : Part, optional
        What indices point into.

    Raises
    ------
    InvalidInput
        Code ``"bad_stream"``: the buffers are too short, or something points past them.
    """

    def __cinit__(self):
        self.view.data = NULL
        self.view.sizes = NULL

    def __init__(
        self, str layout, Py_ssize_t n, Py_ssize_t first, const uint8_t[::1] valid,
        const uint8_t[::1] places, data, Part dictionary=None,
    ):
        cdef View* view = &self.view
        cdef const uint8_t[::1] buffer
        cdef Py_ssize_t width, extra, k
        self._held = (valid, places, data, dictionary)
        view.layout = <Layout><int>_LAYOUTS[layout]
        view.n, view.first = n, first
        view.valid = &valid[0] if valid.shape[0] else NULL
        view.places = &places[0] if places.shape[0] else NULL
        view.dictionary = &dictionary.view if dictionary is not None else NULL
        view.n_data = len(data)
        view.data = <const uint8_t**>malloc((view.n_data + 1) * sizeof(void*))
        view.sizes = <Py_ssize_t*>malloc((view.n_data + 1) * sizeof(Py_ssize_t))
        if view.data == NULL or view.sizes == NULL:
            raise MemoryError
        for k in range(view.n_data):
            buffer = data[k]
            view.data[k] = &buffer[0] if buffer.shape[0] else NULL
            view.sizes[k] = buffer.shape[0]
        if view.layout == NOTHING:
            return
        width = 16 if view.layout == VIEWS else 8 if view.layout == OFFSETS_64 else 4
        extra = view.layout == OFFSETS_32 or view.layout == OFFSETS_64
        # An empty array may have no offsets at all.
        if n and not (
            0 <= first and 0 < n <= places.shape[0] // width - first - extra
            and (view.valid == NULL or n <= 8 * valid.shape[0] - first)
            and _spans_fit(view)
        ):
            raise InvalidInput(
                "a column points past its buffers", code="bad_stream", field="table"
            )

    def __dealloc__(self):
        free(self.view.data)
        free(self.view.sizes)


cdef class Strings:
    """A column of text, or of bytes; as a sequence, of str or bytes and None.

    Parameters
    ----------
    parts : list of Part
        Its chunks.
    binary : bool
        Whether the strings are bytes.
    """

    def __init__(self, list parts, bint binary=False):
        cdef Part part
        self.parts, self.binary, self._starts, self.n = parts, binary, [], 0
        for part in parts:
            self._starts.append(self.n)
            self.n += part.view.n

    def __len__(self):
        return self.n

    def __getitem__(self, Py_ssize_t row):
        cdef const char* text = NULL
        cdef Py_ssize_t size, k
        if not 0 <= row < self.n:
            raise IndexError(row)
        k = bisect_right(self._starts, row) - 1
        size = string_at(&(<Part>self.parts[k]).view, row - <Py_ssize_t>self._starts[k], &text)
        if size < 0:
            return None
        # Text that is no UTF-8 is refused by its characters later on, or is no number.
        return text[:size] if self.binary else text[:size].decode("utf-8", "surrogateescape")

    def nulls(self):
        """Return which rows hold nothing, as a numpy.ndarray of bool."""
        null = np.zeros(self.n, np.bool_)
        cdef uint8_t[::1] out = null.view(np.uint8)
        cdef Py_ssize_t row, base = 0
        cdef const char* text = NULL
        cdef Part part
        for part in self.parts:
            with nogil:
                for row in range(part.view.n):
                    out[base + row] = string_at(&part.view, row, &text) < 0
            base += part.view.n
        return null

    def unfit(self, Py_ssize_t most, bint optional=False):
        """Return the rows that are not 1 to `most` printable ASCII characters.

        Parameters
        ----------
        most : int
            Longest string.
        optional : bool
            Whether a string may be null.

        Returns
        -------
        numpy.ndarray of int64
        """
        bad = np.zeros(self.n, np.uint8)
        cdef uint8_t[::1] out = bad
        cdef Py_ssize_t row, k, size, base = 0
        cdef const char* text = NULL
        cdef Part part
        for part in self.parts:
            with nogil:
                for row in range(part.view.n):
                    size = string_at(&part.view, row, &text)
                    if size < 0:
                        out[base + row] = not optional
                        continue
                    out[base + row] = not 1 <= size <= most
                    if not out[base + row]:
                        for k in range(size):
                            if text[k] < 0x20 or text[k] > 0x7E:
                                out[base + row] = 1
                                break
            base += part.view.n
        return np.flatnonzero(bad)

    def take(self, kept=None):
        """Copy the strings of some rows; a null has no characters.

        Parameters
        ----------
        kept : numpy.ndarray of bool, optional
            One for each row; all by default.

        Returns
        -------
        offsets : numpy.ndarray of uint64
        bytes : numpy.ndarray of uint8
        """
        cdef const uint8_t[::1] chosen = None if kept is None else kept.view(np.uint8)
        cdef bint everything = kept is None
        offsets = np.zeros((self.n if everything else int(np.count_nonzero(kept))) + 1, np.uint64)
        cdef uint64_t[::1] ends = offsets
        cdef Py_ssize_t row, size, base = 0, to = 0
        cdef const char* text = NULL
        cdef Part part
        for part in self.parts:
            with nogil:
                for row in range(part.view.n):
                    if everything or chosen[base + row]:
                        size = string_at(&part.view, row, &text)
                        ends[to + 1] = ends[to] + max(size, 0)
                        to += 1
            base += part.view.n
        buffer = np.empty(int(offsets[to]), np.uint8)
        cdef uint8_t[::1] out = buffer
        base = to = 0
        for part in self.parts:
            with nogil:
                for row in range(part.view.n):
                    if everything or chosen[base + row]:
                        size = string_at(&part.view, row, &text)
                        if size > 0:
                            memcpy(&out[ends[to]], text, size)
                        to += 1
            base += part.view.n
        return offsets, buffer

    def fixed(self, Py_ssize_t width):
        """Copy the strings that have one size.

        Parameters
        ----------
        width : int
            Their size.

        Returns
        -------
        bytes : numpy.ndarray of uint8, shape (n, width)
            Zeros in the other rows.
        others : numpy.ndarray of bool, shape (n,)
        """
        buffer, others = np.zeros((self.n, width), np.uint8), np.zeros(self.n, np.bool_)
        cdef uint8_t[:, ::1] out = buffer
        cdef uint8_t[::1] other = others.view(np.uint8)
        cdef Py_ssize_t row, base = 0
        cdef const char* text = NULL
        cdef Part part
        for part in self.parts:
            with nogil:
                for row in range(part.view.n):
                    if string_at(&part.view, row, &text) != width:
                        other[base + row] = 1
                    elif width:
                        memcpy(&out[base + row, 0], text, width)
            base += part.view.n
        return buffer, others

    def distinct(self):
        """Number the different strings.

        Returns
        -------
        numbers : numpy.ndarray of int32, shape (n,)
            Place in `strings`.
        strings : list
            Each once, in the order of their first rows; None is one of them.
        """
        numbers = np.empty(self.n, np.int32)
        cdef int32_t[::1] out = numbers
        cdef dict known = {}
        cdef list strings = []
        cdef Py_ssize_t row, size, last_size = -2, base = 0
        cdef const char* text = NULL
        cdef const char* last = NULL
        cdef int32_t number = 0
        cdef Part part
        for part in self.parts:
            for row in range(part.view.n):
                size = string_at(&part.view, row, &text)
                if size != last_size or (size > 0 and memcmp(text, last, size)):
                    key = None if size < 0 else text[:size]
                    number = known.setdefault(key, len(known))
                    if number == len(strings):
                        strings.append(self[base + row])
                    last, last_size = text, size
                out[base + row] = number
            base += part.view.n
        return numbers, strings
