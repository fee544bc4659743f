#include "vehicle/fold.hpp"

#include <algorithm>

#include "vehicle/key_index.hpp"

namespace prum::vehicle {
namespace {

constexpr uint8_t first_letter = 10;
constexpr uint8_t slash = 61;
constexpr uint32_t vin_symbols = 17;

// Code of a symbol, or one of these.
constexpr uint8_t separator = 0x80;
constexpr uint8_t other = 0xFF;

uint8_t code_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0');
  if (c >= 'A' && c <= 'Z') return static_cast<uint8_t>(c - 'A' + first_letter);
  if (c >= 'a' && c <= 'z') return static_cast<uint8_t>(c - 'a' + first_letter);
  if (c == ' ') return separator | 1;
  if (c == '-') return separator | 2;
  if (c == '.') return separator | 3;
  return other;
}

}  // namespace

Folded fold_plate(std::string_view text) {
  Folded out;
  std::fill_n(out.symbols, sizeof out.symbols, no_symbol);
  uint32_t n = 0, letters = 0, run = 0;
  Spelling pending = 0;
  for (const char c : text) {
    const uint8_t code = code_of(c);
    if (code == other) return out;
    if (code & separator) {
      if (n == 0 || ++run > 1) out.changed |= changed_separators;
      if (pending <= 1) pending = code & 3;
      continue;
    }
    if (n == sizeof out.symbols) return out;
    if (c >= 'a') out.changed |= changed_case;
    if (n > 0) {
      out.spelling |= pending << (2 * (n - 1));
      // Strictly inside: another letter follows.
      const bool inside = pending != 0 && letters == n && code >= first_letter;
      if (inside && out.district == 0) out.district = static_cast<uint8_t>(n);
    }
    pending = run = 0;
    if (code >= first_letter && letters == n) ++letters;
    out.symbols[n++] = code;
  }
  if (run > 0) out.changed |= changed_separators;
  out.plain = n > 0;
  return out;
}

FoldedVin fold_vin(std::string_view text) {
  FoldedVin out;
  std::fill_n(out.symbols, sizeof out.symbols, no_symbol);
  uint32_t n = 0;
  bool lookalike = false;
  for (const char c : text) {
    const uint8_t code = c == '/' ? slash : code_of(c);
    if (code == other) return out;
    out.changed = out.changed || (code & separator) != 0 || c >= 'a';
    if (code & separator) continue;
    if (n == sizeof out.symbols) return out;
    lookalike = lookalike || code == 'I' - 'A' + first_letter ||
                code == 'O' - 'A' + first_letter || code == 'Q' - 'A' + first_letter;
    out.symbols[n++] = code;
  }
  out.plain = n > 0 && !(n == vin_symbols && lookalike);
  return out;
}

uint32_t packed(const uint8_t* symbols, uint32_t n) {
  uint32_t out = n;
  for (uint32_t i = 0; i < n; ++i) out = out << 6 | symbols[i];
  return out;
}

German german_reading(const uint8_t* symbols, const std::vector<uint32_t>& umlauts) {
  constexpr uint32_t longest_district = 4, most_digits = 4;
  uint32_t n = 0, letters = 0;
  while (n < 16 && symbols[n] != no_symbol) ++n;
  while (letters < n && symbols[letters] >= first_letter) ++letters;
  for (uint32_t k = 1; k <= std::min(letters, longest_district); ++k) {
    if (std::binary_search(umlauts.begin(), umlauts.end(), packed(symbols, k))) {
      return German::umlaut;
    }
  }
  uint32_t digits = letters;
  while (digits < n && symbols[digits] < first_letter) ++digits;
  const uint32_t count = digits - letters;
  if (letters == 0 || count == 0 || count > most_digits) return German::nothing;
  if (digits == n) return German::with_suffix;
  const bool suffix = digits + 1 == n && (symbols[digits] == suffix_h || symbols[digits] == suffix_e);
  return suffix ? German::without_suffix : German::nothing;
}

}  // namespace prum::vehicle
