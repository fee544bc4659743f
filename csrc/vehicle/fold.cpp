#include "vehicle/fold.hpp"

#include <algorithm>

#include "vehicle/key_index.hpp"

namespace prum::vehicle {
namespace {

constexpr uint8_t first_letter = 10;

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
  uint32_t n = 0, letters = 0;
  Spelling pending = 0;
  for (const char c : text) {
    const uint8_t code = code_of(c);
    if (code == other) return out;
    if (code & separator) {
      if (pending <= 1) pending = code & 3;
      continue;
    }
    if (n == sizeof out.symbols) return out;
    if (n > 0) {
      out.spelling |= pending << (2 * (n - 1));
      // Strictly inside: another letter follows.
      const bool inside = pending != 0 && letters == n && code >= first_letter;
      if (inside && out.district == 0) out.district = static_cast<uint8_t>(n);
    }
    pending = 0;
    if (code >= first_letter && letters == n) ++letters;
    out.symbols[n++] = code;
  }
  out.plain = n > 0;
  return out;
}

}  // namespace prum::vehicle
