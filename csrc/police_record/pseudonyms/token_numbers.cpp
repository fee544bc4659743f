#include "police_record/pseudonyms/token_numbers.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "police_record/names/sounds.hpp"

namespace prum::police {
namespace {

constexpr size_t longest_key = 4;

// CRC-32 as in zlib.
constexpr std::array<uint32_t, 256> crc_table = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    table[byte] = crc;
  }
  return table;
}();

uint32_t crc32(std::string_view text) {
  uint32_t crc = ~uint32_t{0};
  for (const char c : text) crc = crc >> 8 ^ crc_table[(crc ^ static_cast<uint8_t>(c)) & 255];
  return ~crc;
}

template <class List, class Item>
void add_distinct(List& list, const Item& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

std::string written(const char* format, uint32_t one, uint32_t two, uint32_t three) {
  char text[32];
  const int size = std::snprintf(text, sizeof text, format, one, two, three);
  return std::string(text, static_cast<size_t>(size));
}

}  // namespace

Half read_half(const Spellings& names, size_t i) {
  Half half;
  for (size_t k = 0; k < names.count(i); ++k) {
    const std::string_view form = names.form(i, k);
    std::string whole;
    for (size_t begin = 0; begin < form.size();) {
      const size_t end = std::min(form.find(' ', begin), form.size());
      const std::string_view part = form.substr(begin, end - begin);
      add_distinct(half.keys, phonetic_key(part));
      add_distinct(half.initials, part.front());
      whole += part;
      begin = end + 1;
    }
    add_distinct(half.keys, phonetic_key(whole));
  }
  return half;
}

TokenNumbers::TokenNumbers(std::shared_ptr<const Hmac> hmac)
    : hmac_(std::move(hmac)), kept_(hmac_ == nullptr ? 0 : size_t{1} << log2_kept) {}

void TokenNumbers::add_name(const Half& first, const Half& family, std::vector<uint32_t>& out) {
  for (const auto& [half, other] : {std::pair(&first, &family), std::pair(&family, &first)}) {
    for (const std::string& key : half->keys) {
      const auto add = [&](std::string_view initial) {
        const uint32_t behind = initial.empty() ? 0 : static_cast<uint8_t>(initial[0]);
        out.push_back(kept('n', key, behind, [&] {
          return std::string("n:").append(key).append(":").append(initial);
        }));
      };
      if (other->initials.empty()) add("");
      for (const char& initial : other->initials) add({&initial, 1});
    }
  }
}

void TokenNumbers::add_year(const Half& half, Date birth, std::vector<uint32_t>& out) {
  const uint32_t year = parts_of(birth).year;
  for (const std::string& key : half.keys) {
    out.push_back(kept('p', key, year, [&] { return "p:" + key + ":" + std::to_string(year); }));
  }
}

void TokenNumbers::add_date(Date birth, std::vector<uint32_t>& out) {
  const auto [year, month, day] = parts_of(birth);
  if (!month) return;
  const auto add = [&](char kind, const char* format, uint32_t one, uint32_t other) {
    out.push_back(kept(kind, "", (year * 13 + one) * 32 + other,
                       [&, y = year] { return written(format, y, one, other); }));
  };
  add('m', "m:%u-%02u", month, 0);
  if (!day) return;
  // Either of the two can be the month.
  const bool turned = day < month;
  add('d', "d:%u-%02u-%02u", turned ? day : month, turned ? month : day);
}

uint32_t TokenNumbers::number(std::string_view token) const {
  if (hmac_ == nullptr) return crc32(token);
  const Digest digest = hmac_->digest(token);
  return uint32_t{digest[0]} << 24 | uint32_t{digest[1]} << 16 | uint32_t{digest[2]} << 8 |
         digest[3];
}

template <class Write>
uint32_t TokenNumbers::kept(char kind, std::string_view key, uint32_t behind, Write write) {
  // A CRC-32 is faster to compute than to look up, and a key of digits may be too long for a code.
  if (kept_.empty() || key.size() > longest_key) return number(write());
  uint64_t code = static_cast<uint8_t>(kind);
  for (const char letter : key) code = code << 8 | static_cast<uint8_t>(letter);
  code = code << 24 | behind;
  Kept& place = kept_[code * 0x9e3779b97f4a7c15 >> (64 - log2_kept)];
  if (place.code != code) place = {code, number(write())};
  return place.number;
}

void TokenNumbers::forget() { overwrite(kept_.data(), kept_.size() * sizeof(Kept)); }

}  // namespace prum::police
