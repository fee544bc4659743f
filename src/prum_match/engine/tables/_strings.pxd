"""How compiled modules read the strings of a column."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcpy

cdef enum Layout:
    NOTHING = 0
    OFFSETS_32 = 1
    OFFSETS_64 = 2
    VIEWS = 3
    INDICES = 4

cdef struct View:
    Layout layout
    Py_ssize_t n
    Py_ssize_t first
    const uint8_t* valid
    const uint8_t* places
    const uint8_t** data
    Py_ssize_t* sizes
    Py_ssize_t n_data
    const View* dictionary

cdef class Part:
    cdef View view
    cdef object _held

cdef class Strings:
    cdef readonly list parts
    cdef readonly Py_ssize_t n
    cdef readonly bint binary
    cdef list _starts


# Buffers of another library need not be aligned.
cdef inline int32_t int32_at(const uint8_t* at, Py_ssize_t i) noexcept nogil:
    cdef int32_t value
    memcpy(&value, at + 4 * i, 4)
    return value


cdef inline int64_t int64_at(const uint8_t* at, Py_ssize_t i) noexcept nogil:
    cdef int64_t value
    memcpy(&value, at + 8 * i, 8)
    return value


cdef inline bint is_valid(const View* view, Py_ssize_t i) noexcept nogil:
    return view.valid == NULL or (view.valid[i >> 3] >> (i & 7)) & 1


cdef inline Py_ssize_t string_at(
    const View* view, Py_ssize_t row, const char** text
) noexcept nogil:
    """Find a string and return its size, -1 for a null."""
    cdef Py_ssize_t i = view.first + row
    cdef int64_t begin
    cdef int32_t size
    if view.layout == INDICES:
        if not is_valid(view, i):
            return -1
        i = int32_at(view.places, i)
        view = view.dictionary
        i += view.first
    if view.layout == NOTHING or not is_valid(view, i):
        return -1
    if view.layout == OFFSETS_32:
        begin = int32_at(view.places, i)
        text[0] = <const char*>view.data[0] + begin
        return int32_at(view.places, i + 1) - begin
    if view.layout == OFFSETS_64:
        begin = int64_at(view.places, i)
        text[0] = <const char*>view.data[0] + begin
        return int64_at(view.places, i + 1) - begin
    size = int32_at(view.places, 4 * i)
    if size <= 12:
        text[0] = <const char*>view.places + 16 * i + 4
    else:
        begin = int32_at(view.places, 4 * i + 3)
        text[0] = <const char*>view.data[int32_at(view.places, 4 * i + 2)] + begin
    return size
