// What errors cost, and the tables of a read that the kernels work with.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/symbols.hpp"
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
  uint32_t least_deletion;
  uint32_t least_added;  // of the three kinds that a read has more

  void find_least();
};

// Costs in units of the kernels, whose cells hold 0 to 254, and 255 for what is out of reach.
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

// A read from its beginning or from its end, against single symbols.
struct ReadTable {
  ReadTable(const Key& read, const Prices& prices, const Units& units, bool backwards);

  uint32_t read;
  SymbolTable substitution[longest_read];
  SymbolTable deletion;
  uint8_t least_deletion;
  uint8_t insertion[longest_read];
  uint8_t trailing[longest_read];
  uint8_t leading[longest_read + 1];  // sums
};

// A beginning of keys that has to be near: its first symbols cost no more than this.
struct Near {
  uint32_t symbols = 0;
  uint8_t most = Units::far;
};

// The same against keys of one length.
class LengthTable {
 public:
  LengthTable(const ReadTable& read, const Units& units, uint32_t symbols, Near near);

  // Whether any key of this length can be near enough.
  bool possible() const { return possible_; }
  EditTable view(const ReadTable& read) const;

 private:
  static constexpr uint32_t width = longest_read + 1;
  bool possible_;
  uint8_t most_;
  uint32_t symbols_;
  uint8_t low_[width];
  uint8_t high_[width];
  uint8_t left_[width * width];
};

}  // namespace prum::vehicle
