// A column of short strings: offsets into bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/error.hpp"

namespace prum {

// Longest id of a reference or a subject.
inline constexpr size_t longest_string = 64;

// Offsets of a mapped file may hold anything, so they are checked at each use.
struct Strings {
  const uint64_t* offsets = nullptr;  // one more than strings
  const char* bytes = nullptr;
  size_t size = 0;  // of the bytes

  void expect_place(size_t i) const { __builtin_prefetch(&offsets[i]); }
  void expect_text(size_t i) const {
    if (offsets[i] < size) __builtin_prefetch(bytes + offsets[i]);
  }

  std::string_view at(size_t i) const {
    const uint64_t begin = offsets[i], end = offsets[i + 1];
    // Where the end comes first, the difference wraps around.
    if (end - begin > longest_string || end > size) throw_damaged();
    return {bytes + begin, end - begin};
  }
};

}  // namespace prum
