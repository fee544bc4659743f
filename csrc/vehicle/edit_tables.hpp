// Prices of errors, and the tables of a read for the kernels.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/plates/symbols.hpp"
#include "vehicle/key_index.hpp"

namespace prum::vehicle {

inline constexpr uint32_t symbol_codes = 64;

// In thousandths.
struct Prices {
  std::array<std::array<uint32_t, symbol_codes>, symbol_codes> substitution;  // [read][truth]
  std::array<uint32_t, symbol_codes> deletion;   // of a symbol of the truth
  std::array<uint32_t, symbol_codes> insertion;  // of a symbol of the read, inside the truth
  std::array<uint32_t, symbol_codes> leading;    // before its first symbol
  std::array<uint32_t, symbol_codes> trailing;   // behind its last
};

// Costs in units of the kernels: a cell holds 0 to 254, or 255 for out of reach.
// Prices are rounded down: sums of them never exceed the true cost in units.
class Units {
 public:
  explicit Units(uint32_t most);
  uint8_t of(uint32_t thousandths) const {
    const uint64_t units = thousandths * reciprocal_ >> shift;
    return units < far ? static_cast<uint8_t>(units) : far;
  }
  uint8_t most() const { return most_; }

  static constexpr uint8_t far = 255;

 private:
  static constexpr uint32_t shift = 40;
  uint64_t reciprocal_;
  uint8_t most_;
};

// A read from its beginning, against single symbols.
struct ReadTable {
  ReadTable(const Key& read, const Prices& prices, const Units& units);
  // The same from its end.
  ReadTable reversed() const;

  uint32_t read;
  SymbolTable substitution[longest_read];
  SymbolTable deletion;
  uint8_t insertion[longest_read];
  uint8_t before[longest_read];  // of single symbols
  uint8_t trailing[longest_read];
  uint8_t leading[longest_read + 1];  // sums
  // The least that one more step off the diagonal costs.
  uint8_t least_deletion;
  uint8_t least_before;
  uint8_t least_behind;

 private:
  ReadTable() = default;
  void sum_up();
};

// A near beginning of keys: its first symbols cost no more than `most`.
struct Near {
  uint32_t symbols = 0;
  uint8_t most = Units::far;
};

// The same against keys of one length.
class LengthTable {
 public:
  LengthTable(const ReadTable& read, const Units& units, uint32_t symbols, Near near);

  // Whether any key of this length can be near enough.
  bool possible() const { return lowest_ <= highest_; }
  uint32_t symbols() const { return symbols_; }
  EditTable view(const ReadTable& read, bool near) const;

 private:
  uint32_t symbols_;
  uint32_t near_;
  uint8_t most_;
  int32_t lowest_ = INT32_MAX;
  int32_t highest_ = INT32_MIN;
  uint8_t left_[2 * longest_read + 1];
  uint8_t near_left_[2 * longest_read + 1];
};

}  // namespace prum::vehicle
