// Bit patterns of pieces of names and dates under a key;
// src/prum_match/police_record/pseudonyms/schemes.py defines the pieces.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "police_record/columns/facts.hpp"
#include "police_record/names/folding.hpp"
#include "police_record/pseudonyms/hmac.hpp"

namespace prum::police {

// The pattern of each piece is made once. There are few: 1,369 pairs of letters and digits, and
// 13,600 parts of the dates of 300 years.
class Patterns {
 public:
  // A pattern sets `bits_set` different places of `bits`, a power of two and 64 or more.
  Patterns(std::shared_ptr<const Hmac> hmac, uint32_t bits_set, uint32_t bits);

  size_t words() const { return bits_ / 64; }
  // Sets the bits of a name, by the pairs of neighbours in all parts of all its forms.
  void add_name(const Spellings& names, size_t i, uint64_t* row);
  void add_date(Date packed, uint64_t* row);
  // Overwrites all patterns.
  void forget();

 private:
  // Eight characters at most, zeros behind the last.
  using Piece = std::array<char, 8>;
  static constexpr size_t rows_in_block = 64;

  void add(Piece piece, uint64_t* row);
  const uint64_t* pattern(Piece piece);
  void draw(Piece piece, uint64_t* row) const;

  std::shared_ptr<const Hmac> hmac_;
  uint32_t bits_set_;
  uint32_t bits_;
  std::unordered_map<uint64_t, const uint64_t*> row_of_;
  // Patterns never move, so no copy of one is left behind in freed memory.
  std::vector<std::unique_ptr<uint64_t[]>> blocks_;
};

}  // namespace prum::police
