# cython: language_level=3, freethreading_compatible=True
"""Records and their fields as JSON: the loops that a message passes at either end.

In Python they took a third of what the exchange adds to a search.
"""

from cpython.datetime cimport (
    PyDateTime_DATE_GET_HOUR,
    PyDateTime_DATE_GET_MICROSECOND,
    PyDateTime_DATE_GET_MINUTE,
    PyDateTime_DATE_GET_SECOND,
    PyDateTime_GET_DAY,
    PyDateTime_GET_MONTH,
    PyDateTime_GET_YEAR,
    datetime_new,
    datetime as DateTime,
    import_datetime,
)
from libc.stdint cimport int64_t
from libc.stdio cimport snprintf
from libc.string cimport memchr, memcmp

from binascii import a2b_base64, b2a_base64
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from json.encoder import encode_basestring
import re

from prum_match.errors import ExchangeError, PrumError

import_datetime()

cdef object _UTC = timezone.utc
cdef object _NO_OFFSET = timedelta(0)
cdef object _quoted = encode_basestring
# Half a surrogate pair: JSON can spell it (``\ud800``), UTF-8 cannot.
cdef object _half_a_pair = re.compile("[\ud800-\udfff]").search


# What a scan returns for anything that it does not read.
cdef object _ODD = object()


cdef class _Scan:
    """A place in bytes that are meant to be what `write_record` wrote.

    A scan reads plain ASCII without escapes and integers that are not negative: nearly all that is
    ever sent. Of anything else it says that it is odd, and never why: the general way finds out.
    """

    cdef bytes data
    cdef const char* at
    cdef const char* end

    def __cinit__(self, bytes data not None):
        self.data = data
        self.at = data
        self.end = self.at + len(data)

    cdef inline bint take(self, bytes expected):
        """Step over what has to stand here."""
        cdef Py_ssize_t size = len(expected)
        if self.end - self.at < size or memcmp(self.at, <const char*>expected, size) != 0:
            return False
        self.at += size
        return True

    cdef object text(self):
        """Step over a text without escapes and return it."""
        cdef const char* begin = self.at + 1
        cdef const char* quote
        cdef const char* i
        if self.at == self.end or self.at[0] != c'"':
            return _ODD
        quote = <const char*>memchr(begin, c'"', self.end - begin)
        if quote == NULL:
            return _ODD
        i = begin
        while i < quote:
            if i[0] < 0x20 or i[0] > 0x7E or i[0] == c"\\":
                return _ODD
            i += 1
        self.at = quote + 1
        return begin[:quote - begin].decode("ascii")

    cdef object integer(self):
        """Step over an integer of at most 18 digits, which 64 bits hold, and return it."""
        cdef const char* begin = self.at
        cdef int64_t found = 0
        while self.at < self.end and c"0" <= self.at[0] <= c"9" and self.at - begin < 18:
            found = 10 * found + (self.at[0] - c"0")
            self.at += 1
        cdef Py_ssize_t size = self.at - begin
        return found if size == 1 or (size > 1 and begin[0] != c"0") else _ODD


cdef class Codec:
    """How one field looks in JSON. Abstract: the kinds of fields below say how."""

    @property
    def meta(self):
        """The codec as the metadata of a dataclass field."""
        return {"codec": self}

    cpdef bint check(self, object value) except -1:
        """Say whether a Python value may stand in the field."""
        raise NotImplementedError

    cpdef object load(self, object raw):
        """Make the Python value of a JSON value; TypeError or ValueError if there is none."""
        return raw

    cpdef str write(self, object value):
        """Write a checked value as canonical JSON."""
        raise NotImplementedError

    cdef object scan(self, _Scan scan):
        """Step over a value that is just as `write` writes it and return what `load` makes of it.

        Anything else is odd.
        """
        return _ODD


cdef class _Text(Codec):
    """Text that matches a pattern as a whole and can be written in UTF-8."""

    cdef object matches

    def __init__(self, str pattern):
        self.matches = re.compile(pattern).fullmatch

    cpdef bint check(self, object value) except -1:
        return (
            isinstance(value, str)
            and self.matches(value) is not None
            and ((<str>value).isascii() or _half_a_pair(value) is None)
        )

    cpdef str write(self, object value):
        return _quoted(value)

    cdef object scan(self, _Scan scan):
        return scan.text()


cdef class _OneOf(Codec):
    """Texts, or integers, of a closed set."""

    cdef frozenset values

    def __init__(self, values):
        self.values = frozenset(values)

    cpdef bint check(self, object value) except -1:
        return (isinstance(value, str) or type(value) is int) and value in self.values

    cpdef str write(self, object value):
        return _quoted(value) if isinstance(value, str) else str(value)

    cdef object scan(self, _Scan scan):
        found = scan.text()
        return scan.integer() if found is _ODD else found


cdef class _Integer(Codec):
    """Integers from `low` to `high`, both included."""

    cdef object low, high

    def __init__(self, low, high):
        self.low = low
        self.high = high

    cpdef bint check(self, object value) except -1:
        return type(value) is int and self.low <= value <= self.high

    cpdef str write(self, object value):
        return str(value)

    cdef object scan(self, _Scan scan):
        return scan.integer()


cdef class _Member(Codec):
    """The members of an enumeration of texts."""

    cdef object members

    def __init__(self, members):
        self.members = members

    cpdef bint check(self, object value) except -1:
        return isinstance(value, self.members)

    cpdef object load(self, object raw):
        return self.members(raw)

    cpdef str write(self, object value):
        return _quoted(value.value)

    cdef object scan(self, _Scan scan):
        found = scan.text()
        return _ODD if found is _ODD else self.members(found)


cdef class _Flag(Codec):
    """Yes or no."""

    cpdef bint check(self, object value) except -1:
        return value is True or value is False

    cpdef str write(self, object value):
        return "true" if value else "false"

    cdef object scan(self, _Scan scan):
        return True if scan.take(b"true") else False if scan.take(b"false") else _ODD


cdef class _Time(Codec):
    """An instant in UTC, always written with six decimals of a second and ``Z``."""

    cpdef bint check(self, object value) except -1:
        return isinstance(value, datetime) and (
            value.tzinfo is _UTC or value.utcoffset() == _NO_OFFSET
        )

    cpdef object load(self, object raw):
        return datetime.fromisoformat(raw)

    cpdef str write(self, object value):
        # `isoformat` takes five times as long: it was nearly half of what writing a request took.
        # Cast with a check: the macros below have none.
        cdef DateTime when = <DateTime?>value
        cdef char written[32]
        cdef int size = snprintf(
            written, sizeof(written), b'"%04d-%02d-%02dT%02d:%02d:%02d.%06dZ"',
            PyDateTime_GET_YEAR(when), PyDateTime_GET_MONTH(when), PyDateTime_GET_DAY(when),
            PyDateTime_DATE_GET_HOUR(when), PyDateTime_DATE_GET_MINUTE(when),
            PyDateTime_DATE_GET_SECOND(when), PyDateTime_DATE_GET_MICROSECOND(when),
        )
        return written[:size].decode("ascii")

    cdef object scan(self, _Scan scan):
        cdef const char* form = b'"0000-00-00T00:00:00.000000Z"'
        cdef int number[7]
        cdef int i, place = -1
        if scan.end - scan.at < 29:
            return _ODD
        for i in range(29):
            if form[i] != c"0":
                if scan.at[i] != form[i]:
                    return _ODD
                continue
            if not c"0" <= scan.at[i] <= c"9":
                return _ODD
            if form[i - 1] != c"0":
                place += 1
                number[place] = 0
            number[place] = 10 * number[place] + (scan.at[i] - c"0")
        scan.at += 29
        return datetime_new(
            number[0], number[1], number[2], number[3], number[4], number[5], number[6], _UTC
        )


cdef class _Span(Codec):
    """A duration of more than nothing, in microseconds."""

    cpdef bint check(self, object value) except -1:
        return isinstance(value, timedelta) and value > _NO_OFFSET

    cpdef object load(self, object raw):
        return timedelta(microseconds=raw)

    cpdef str write(self, object value):
        return str(value // timedelta(microseconds=1))


cdef class _Bytes(Codec):
    """Bytes, written in base64 with padding (RFC 4648, section 4)."""

    cpdef bint check(self, object value) except -1:
        return isinstance(value, bytes)

    cpdef object load(self, object raw):
        return a2b_base64(raw, strict_mode=True)

    cpdef str write(self, object value):
        return f'"{(<bytes>b2a_base64(value, newline=False)).decode("ascii")}"'

    cdef object scan(self, _Scan scan):
        raw = scan.text()
        if raw is _ODD:
            return _ODD
        found = self.load(raw)
        # The last character may have bits that no byte takes in.
        last = found[-(len(found) % 3 or 3):]
        return found if raw[-4:].encode() == b2a_base64(last, newline=False) else _ODD


cdef class _Record(Codec):
    """A record inside another."""

    cdef object record_type

    def __init__(self, record_type):
        self.record_type = record_type

    cpdef bint check(self, object value) except -1:
        return type(value) is self.record_type

    cpdef object load(self, object raw):
        return from_json(self.record_type, raw)

    cpdef str write(self, object value):
        return _written(value, {})

    cdef object scan(self, _Scan scan):
        return _scanned(self.record_type, scan, {})


cdef class _Optional(Codec):
    """What may be null."""

    cdef Codec codec

    def __init__(self, Codec codec not None):
        self.codec = codec

    cpdef bint check(self, object value) except -1:
        return value is None or self.codec.check(value)

    cpdef object load(self, object raw):
        return None if raw is None else self.codec.load(raw)

    cpdef str write(self, object value):
        return "null" if value is None else self.codec.write(value)

    cdef object scan(self, _Scan scan):
        return None if scan.take(b"null") else self.codec.scan(scan)


cdef class _TupleOf(Codec):
    """A tuple of at most so many values, an array in JSON."""

    cdef Codec item
    cdef object most

    def __init__(self, Codec item not None, most=None):
        self.item = item
        self.most = most

    cpdef bint check(self, object value) except -1:
        if not isinstance(value, tuple) or (self.most is not None and len(value) > self.most):
            return False
        for entry in <tuple>value:
            if not self.item.check(entry):
                return False
        return True

    cpdef object load(self, object raw):
        if not isinstance(raw, list):
            raise TypeError
        return tuple([self.item.load(entry) for entry in raw])

    cpdef str write(self, object value):
        return "[" + ",".join([self.item.write(entry) for entry in <tuple>value]) + "]"

    cdef object scan(self, _Scan scan):
        cdef list found = []
        if not scan.take(b"["):
            return _ODD
        if scan.take(b"]"):
            return ()
        while True:
            entry = self.item.scan(scan)
            if entry is _ODD:
                return _ODD
            found.append(entry)
            if scan.take(b"]"):
                return tuple(found)
            if not scan.take(b","):
                return _ODD


text = _Text
one_of = _OneOf
integer = _Integer
member = _Member
record = _Record
optional = _Optional
tuple_of = _TupleOf

FLAG = _Flag()
TIME = _Time()
SPAN = _Span()
BYTES = _Bytes()


cdef class _Plan:
    """The fields of a record type, in their own order, and in that of JSON with what joins them."""

    cdef tuple names, codecs
    cdef frozenset known
    # What stands before each value, and the place of the value: those that join come last.
    cdef tuple heads, raw_heads, places

    def __init__(self, record_type, tuple joining):
        found = fields(record_type)
        self.names = tuple([field.name for field in found])
        self.codecs = tuple([field.metadata["codec"] for field in found])
        self.known = frozenset(self.names)
        order = sorted([(name, place) for place, name in enumerate(self.names + joining)])
        marks = ["{"] + [","] * (len(order) - 1)
        self.heads = tuple(
            [f"{mark}{_quoted(name)}:" for mark, (name, _) in zip(marks, order)]
        )
        self.raw_heads = tuple([head.encode() for head in self.heads])
        self.places = tuple([place for _, place in order])


cdef dict _plans = {}


cdef _Plan _plan_of(object record_type, tuple joining=()):
    key = (record_type, joining) if joining else record_type
    plan = _plans.get(key)
    if plan is None:
        plan = _plans[key] = _Plan(record_type, joining)
    return plan


def check_fields(value):
    """Check every field of a record against its codec."""
    cdef _Plan plan = _plan_of(type(value))
    cdef Py_ssize_t i
    for i in range(len(plan.names)):
        if not (<Codec>plan.codecs[i]).check(getattr(value, plan.names[i])):
            raise _invalid(plan.names[i])


def write_record(value, joining=None):
    """Write a record as canonical JSON in UTF-8, with more members that are JSON already."""
    return _written(value, {} if joining is None else joining).encode()


cdef str _written(object value, dict joining):
    cdef _Plan plan = _plan_of(type(value), tuple(joining))
    cdef Py_ssize_t i, place, n = len(plan.names)
    cdef list parts = []
    cdef list joined = list(joining.values())
    for i in range(len(plan.heads)):
        place = plan.places[i]
        parts.append(plan.heads[i])
        if place < n:
            parts.append((<Codec>plan.codecs[place]).write(getattr(value, plan.names[place])))
        else:
            parts.append(joined[place - n])
    parts.append("}")
    return "".join(parts)


def scan_record(record_type, bytes data, dict joining):
    """Read what `write_record` wrote with the same `joining`; None for anything else.

    None does not mean that `from_json` could not read it, only that it has to look.
    """
    cdef _Scan scan = _Scan(data)
    try:
        found = _scanned(record_type, scan, joining)
    except (PrumError, ValueError):  # the general way says what is wrong first
        return None
    return None if found is _ODD or scan.at != scan.end else found


cdef object _scanned(object record_type, _Scan scan, dict joining):
    cdef _Plan plan = _plan_of(record_type, tuple(joining))
    cdef Py_ssize_t i, place, n = len(plan.names)
    cdef list joined = list(joining.values())
    cdef dict values = {}
    for i in range(len(plan.raw_heads)):
        if not scan.take(plan.raw_heads[i]):
            return _ODD
        place = plan.places[i]
        if place < n:
            value = (<Codec>plan.codecs[place]).scan(scan)
            if value is _ODD:
                return _ODD
            values[plan.names[place]] = value
        elif not scan.take((<str>joined[place - n]).encode()):
            return _ODD
    return record_type(**values) if scan.take(b"}") else _ODD


cpdef object from_json(object record_type, object raw):
    """Turn a JSON object into a record that has exactly its fields."""
    cdef _Plan plan = _plan_of(record_type)
    cdef Py_ssize_t i
    if not isinstance(raw, dict):
        raise ExchangeError("not a JSON object", code="malformed")
    for name in raw:
        if name not in plan.known:
            # The name of a stray field comes from outside: it can itself be personal data.
            raise ExchangeError(
                "a field that the closed list does not have",
                code="unknown_field",
                rule="Reg. (EU) 2024/982 Art. 9",
                value=name,
            )
    cdef dict values = {}
    for i in range(len(plan.names)):
        name = plan.names[i]
        if name not in <dict>raw:
            raise ExchangeError("a field is missing", code="missing_field", field=name)
        try:
            values[name] = (<Codec>plan.codecs[i]).load((<dict>raw)[name])
        except (TypeError, ValueError, OverflowError):
            raise _invalid(name) from None
    return record_type(**values)


cdef object _invalid(str field):
    return ExchangeError("not a value that this field can hold", code="invalid_field", field=field)
