// Keys that a read may stand for: all within a cost, each with its exact cost.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/symbols.hpp"
#include "vehicle/key_index.hpp"

namespace prum::vehicle {

inline constexpr uint32_t symbol_codes = 64;

// What errors cost, in thousandths.
struct Prices {
  std::array<std::array<uint32_t, symbol_codes>, symbol_codes> substitution;  // [truth][read]
  std::array<uint32_t, symbol_codes> deletion;   // of a symbol of the truth
  std::array<uint32_t, symbol_codes> insertion;  // of a symbol of the read, inside the truth
  std::array<uint32_t, symbol_codes> leading;    // before its first symbol
  std::array<uint32_t, symbol_codes> trailing;   // behind its last
};

// The tables of a read for keys of one length; `possible` is false where none can be near enough.
class LengthTable {
 public:
  LengthTable(const Key& read, const Prices& prices, uint32_t most, uint32_t symbols);

  bool possible() const { return possible_; }
  EditTable view(const SymbolTable* substitution, const SymbolTable* deletion) const;
  // The cells before the first symbol.
  const uint8_t* leading() const { return leading_.data(); }

 private:
  bool possible_;
  uint32_t read_;
  uint32_t symbols_;
  uint8_t most_;
  std::vector<uint8_t> insertion_, trailing_, leading_, low_, high_, left_;
};

class Edit {
 public:
  Edit(const Key& read, std::shared_ptr<const Prices> prices, uint32_t most);

  // Appends the keys of an index in [begin, end) whose bound is within the most, in their order.
  void search(const KeyIndex& index, KeyRange within, std::vector<uint32_t>& keys) const;
  // The cost of a key, in thousandths.
  uint32_t cost(const Part& part, uint32_t key) const;
  uint32_t most() const { return most_; }

 private:
  Key read_;
  std::shared_ptr<const Prices> prices_;
  uint32_t most_;
  SymbolTable substitution_[longest_read];
  SymbolTable deletion_;
  std::vector<LengthTable> lengths_;  // of keys of 1, 2, ... symbols
};

}  // namespace prum::vehicle
