// The one error type of the native core; csrc/bindings maps it to prum_match.errors once.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace prum {

enum class ErrorKind { invalid_input, unknown_reference, duplicate_reference, damaged, mismatch };

struct Error : std::runtime_error {
  Error(ErrorKind error_kind, std::string error_code, const std::string& message,
        int64_t item_index = -1)
      : std::runtime_error(message),
        kind(error_kind),
        code(std::move(error_code)),
        index(item_index) {}

  ErrorKind kind;
  std::string code;
  int64_t index;  // position of the offending item, -1 where there is none
};

[[noreturn]] inline void throw_damaged() {
  throw Error(ErrorKind::damaged, "damaged_segment",
              "a column of the segment holds what it cannot hold");
}

}  // namespace prum
