// Blocking tokens as numbers; src/prum_match/police_record/pseudonyms/token_numbers.py defines the
// tokens.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "police_record/columns/facts.hpp"
#include "police_record/names/folding.hpp"
#include "police_record/pseudonyms/hmac.hpp"

namespace prum::police {

// Keys and initials of all first names, or of all family names.
struct Half {
  std::vector<std::string> keys;  // phonetic
  std::string initials;
};
Half read_half(const Spellings& names, size_t i);

class TokenNumbers {
 public:
  // Without a key the numbers are CRC-32 and hide nothing.
  explicit TokenNumbers(std::shared_ptr<const Hmac> hmac);

  void add_name(const Half& first, const Half& family, std::vector<uint32_t>& out);
  void add_year(const Half& half, Date birth, std::vector<uint32_t>& out);
  void add_date(Date birth, std::vector<uint32_t>& out);
  // Overwrites all kept numbers.
  void forget();

 private:
  // A token in 64 bits, never 0, and its number.
  struct Kept {
    uint64_t code;
    uint32_t number;
  };
  // 4 MB. A person has 15 tokens, most of them shared with others. Two tokens with the same place
  // replace each other.
  static constexpr int log2_kept = 18;

  uint32_t number(std::string_view token) const;
  // The number of the token that `write` writes; `kind`, `key` and `behind` identify it.
  template <class Write>
  uint32_t kept(char kind, std::string_view key, uint32_t behind, Write write);

  std::shared_ptr<const Hmac> hmac_;
  std::vector<Kept> kept_;
};

}  // namespace prum::police
