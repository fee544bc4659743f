// NumPy arrays to and from the plain views of the native core. Only bindings see Python.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/error.hpp"
#include "engine/segments/segment.hpp"

namespace prum::bindings {

namespace py = pybind11;

template <class T>
using Array = py::array_t<T, py::array::c_style>;

// A new array with the contents of a vector.
template <class T>
Array<T> to_array(const std::vector<T>& values) {
  Array<T> out(static_cast<py::ssize_t>(values.size()));
  if (!values.empty()) std::memcpy(out.mutable_data(), values.data(), values.size() * sizeof(T));
  return out;
}

template <class T>
std::vector<T> to_vector(const Array<T>& values) {
  return std::vector<T>(values.data(), values.data() + values.size());
}

// Memory on a 64-byte boundary, filled if `fill` is given. Large memory is in huge pages: a scan
// reads it half as fast again as through 4 KiB pages (33 against 22 GB/s).
py::array_t<uint8_t> allocate(size_t bytes, std::optional<uint8_t> fill);

// A shared mapping of a file, in huge pages where the file system has them. The descriptor may be
// closed afterwards.
py::array_t<uint8_t> map_file(int fd, size_t bytes, bool writable);

// Keeps a Python object alive from native code; released with the GIL held.
std::shared_ptr<void> keep(py::object object);

Columns to_columns(const py::dict& arrays);

// The number n of strings that n + 1 offsets delimit.
uint32_t count_strings(const Array<uint64_t>& offsets);
Strings to_strings(const Array<uint64_t>& offsets, const Array<uint8_t>& bytes);
// The strings themselves, not copied.
std::vector<std::string_view> to_views(const Array<uint64_t>& offsets, const Array<uint8_t>& bytes);

// Each rank of candidates as the number that it stands for.
template <class T, auto convert>
Array<T> of_ranks(const Array<uint64_t>& ranks) {
  Array<T> out(ranks.size());
  std::transform(ranks.data(), ranks.data() + ranks.size(), out.mutable_data(), convert);
  return out;
}

[[noreturn]] void refuse_shape(const char* message);
[[noreturn]] void refuse_row();
// Refuses rows from `n` on.
void check_rows(const Array<uint32_t>& rows, uint32_t n);

}  // namespace prum::bindings
