#include "bindings/arrays.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "bindings/interpreter.hpp"

namespace prum::bindings {

py::array_t<uint8_t> allocate(size_t bytes, std::optional<uint8_t> fill) {
  constexpr size_t huge_page = size_t{2} << 20;
  const size_t alignment = bytes >= 2 * huge_page ? huge_page : 64;
  const size_t size = (bytes + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, size == 0 ? alignment : size);
  if (memory == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  if (alignment == huge_page) madvise(memory, size, MADV_HUGEPAGE);
#endif
  if (fill) std::memset(memory, *fill, size);
  py::capsule owner(memory, [](void* p) { std::free(p); });
  return py::array_t<uint8_t>(static_cast<py::ssize_t>(bytes), static_cast<uint8_t*>(memory),
                              owner);
}

py::array_t<uint8_t> map_file(int fd, size_t bytes, bool writable) {
  const int protection = PROT_READ | (writable ? PROT_WRITE : 0);
  void* memory = mmap(nullptr, bytes, protection, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) {
    PyErr_SetFromErrno(PyExc_OSError);
    throw py::error_already_set();
  }
#ifdef MADV_HUGEPAGE
  madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  using Map = std::pair<void*, size_t>;
  py::capsule owner(new Map(memory, bytes), [](void* p) {
    const auto* map = static_cast<Map*>(p);
    munmap(map->first, map->second);
    delete map;
  });
  py::array_t<uint8_t> array(static_cast<py::ssize_t>(bytes), static_cast<uint8_t*>(memory), owner);
  if (!writable) array.attr("setflags")(py::arg("write") = false);
  return array;
}

std::shared_ptr<void> keep(py::object object) {
  PyObject* raw = object.release().ptr();
  return {raw, [](void* p) {
            // After the interpreter's shutdown its objects are gone already.
            if (Py_IsInitialized() == 0) return;
            const Interpreter gil;
            Py_DECREF(static_cast<PyObject*>(p));
          }};
}

Columns to_columns(const py::dict& arrays) {
  Columns columns;
  for (const auto& [key, value] : arrays) {
    const auto array = py::cast<py::array>(value);
    if ((array.flags() & py::array::c_style) == 0) {
      throw Error(ErrorKind::invalid_input, "bad_segment",
                  "column " + py::cast<std::string>(key) + " is not contiguous");
    }
    Column column;
    column.data = const_cast<void*>(array.data());
    column.bytes = static_cast<size_t>(array.nbytes());
    column.shape.assign(array.shape(), array.shape() + array.ndim());
    columns.emplace(py::cast<std::string>(key), std::move(column));
  }
  return columns;
}

uint32_t count_strings(const Array<uint64_t>& offsets) {
  if (offsets.size() < 1 || offsets.size() > UINT32_MAX) {
    throw Error(ErrorKind::invalid_input, "bad_segment", "strings need one more offset than rows");
  }
  return static_cast<uint32_t>(offsets.size() - 1);
}

Strings to_strings(const Array<uint64_t>& offsets, const Array<uint8_t>& bytes) {
  return {offsets.data(), reinterpret_cast<const char*>(bytes.data()),
          static_cast<size_t>(bytes.size())};
}

std::vector<std::string_view> to_views(const Array<uint64_t>& offsets,
                                       const Array<uint8_t>& bytes) {
  const Strings strings = to_strings(offsets, bytes);
  std::vector<std::string_view> views(count_strings(offsets));
  for (size_t i = 0; i < views.size(); ++i) views[i] = strings.at(i);
  return views;
}

void refuse_shape(const char* message) {
  throw Error(ErrorKind::invalid_input, "bad_shape", message);
}

void refuse_row() {
  throw Error(ErrorKind::invalid_input, "bad_row", "row is outside the segment");
}

void check_rows(const Array<uint32_t>& rows, uint32_t n) {
  const uint32_t* end = rows.data() + rows.size();
  if (std::any_of(rows.data(), end, [&](uint32_t row) { return row >= n; })) refuse_row();
}

}  // namespace prum::bindings
