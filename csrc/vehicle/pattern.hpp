// Keys that fit a pattern of symbols and stars.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/plates/symbols.hpp"
#include "vehicle/key_index.hpp"

namespace prum::vehicle {

// One place of a pattern: a star, or the symbols that it accepts.
struct Token {
  bool star;
  uint64_t symbols;
};

class Pattern {
 public:
  // At most longest_key places that are no stars.
  explicit Pattern(const std::vector<Token>& tokens);

  // The same read from its end.
  Pattern reversed() const;
  // Number of places before the first star, and how many of them in front accept one symbol alone.
  uint32_t prefix() const { return prefix_; }
  uint32_t literal_prefix() const;
  // The pattern of up to so many first symbols, with anything behind them.
  Pattern beginning(uint32_t symbols) const;

  // Appends the keys of an index in [begin, end) that fit.
  void search(const KeyIndex& index, KeyRange within, std::vector<uint32_t>& keys) const;
  bool fits(const Part& part, uint32_t key) const;

 private:
  bool may_be_long(uint32_t symbols) const {
    return has_star_ ? symbols >= singles_ : symbols == singles_;
  }
  uint64_t step(uint64_t state, uint8_t symbol) const;
  void walk(const KeyIndex& index, const KeyIndex::Node& node, uint32_t depth, uint64_t state,
            KeyRange within, std::vector<KeyRange>& ranges) const;

  std::vector<Token> tokens_;
  uint32_t singles_ = 0;
  uint32_t prefix_ = 0;
  bool has_star_ = false;
  uint64_t stays_ = 0;
  uint64_t enters_[64] = {};
  PatternTable table_ = {};
};

}  // namespace prum::vehicle
