// Keys of plates that are written in plain letters; all other plates are left to Python.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "kernels/plates/symbols.hpp"

namespace prum::vehicle {

// Two bits for each gap between symbols: nothing, ' ', '-' or '.'.
using Spelling = uint32_t;

// The changes of a folding, in bits.
inline constexpr uint8_t changed_case = 1;
inline constexpr uint8_t changed_separators = 2;

struct Folded {
  uint8_t symbols[16];  // no_symbol behind the last one
  Spelling spelling = 0;
  uint8_t district = 0;  // symbols before the first separator inside the leading letters
  uint8_t changed = 0;
  bool plain = false;  // letters of the alphabet, digits and separators only, 1 to 16 symbols
};

// Letters in upper case, digits, and separators of three kinds; a run of them counts as its first
// one that is not a space. The same rule in Python: prum_match.vehicle.plates.
Folded fold_plate(std::string_view text);

// A chassis number: upper case, without spaces, hyphens and dots. Not plain where a letter stands
// for a digit, because the original text then has to be kept. The same rule in Python:
// prum_match.vehicle.vin.
struct FoldedVin {
  uint8_t symbols[longest_key];
  uint8_t changed = 0;
  bool plain = false;
};
FoldedVin fold_vin(std::string_view text);

}  // namespace prum::vehicle
