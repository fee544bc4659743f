// Plates as they are written, in plain ASCII, to keys; what is not plain is left to Python.
#pragma once

#include <cstdint>
#include <string_view>

namespace prum::vehicle {

// Two bits for each gap between symbols: nothing, ' ', '-' or '.'.
using Spelling = uint32_t;

struct Folded {
  uint8_t symbols[16];  // no_symbol behind the last one
  Spelling spelling = 0;
  uint8_t district = 0;  // symbols before the first separator inside the leading letters
  bool plain = false;    // letters, digits and separators only, 1 to 16 symbols
};

// Letters in upper case, digits, and separators of three kinds; a run of them counts as its first
// one that is not a space. The same rule in Python: prum_match.vehicle.plates.
Folded fold_plate(std::string_view text);

}  // namespace prum::vehicle
