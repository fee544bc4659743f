#include "vehicle/fold.hpp"

#include <algorithm>

#include "vehicle/key_index.hpp"

namespace prum::vehicle {
namespace {

constexpr uint8_t slash = 61;
constexpr uint32_t vin_symbols = 17;

// Code of a symbol, or one of these.
constexpr uint8_t separator = 0x80;
constexpr uint8_t other = 0xFF;

uint8_t code_of(unsigned char c) {
  if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0');
  if (c >= 'A' && c <= 'Z') return static_cast<uint8_t>(c - 'A' + first_letter);
  if (c >= 'a' && c <= 'z') return static_cast<uint8_t>(c - 'a' + first_letter);
  if (c == ' ') return separator | 1;
  if (c == '-') return separator | 2;
  if (c == '.') return separator | 3;
  return other;
}

// National letters in the order of their codes; prum_match.vehicle.alphabet.
constexpr char16_t national[] = u"ÄÖÜÅÆØČŠŽĆĐÑÞÐÕŁÇÉÁÍÓÚÝŐŰ";

struct Symbol {
  uint8_t code;
  bool lower;
};

// A letter of two bytes of UTF-8, all of which lie in U+0080 to U+07FF.
Symbol national_symbol(unsigned char lead, unsigned char next) {
  if (lead < 0xC3 || lead > 0xC5 || (next & 0xC0) != 0x80) return {other, false};
  const auto point = static_cast<char16_t>((lead & 0x1F) << 6 | (next & 0x3F));
  for (uint8_t i = 0; national[i] != 0; ++i) {
    // Small letters lie 32 behind their capitals in Latin-1, and 1 behind them in Extended-A.
    const char16_t capital = national[i];
    const char16_t small = capital < 0x100 ? capital + 32 : capital + 1;
    if (point == capital) return {static_cast<uint8_t>(first_national + i), false};
    if (point == small) return {static_cast<uint8_t>(first_national + i), true};
  }
  return {other, false};
}

// The symbol of a text at a place; the place moves behind the symbol.
Symbol next_symbol(std::string_view text, size_t& at) {
  const auto c = static_cast<unsigned char>(text[at++]);
  if (c < 0x80) return {code_of(c), c >= 'a' && c <= 'z'};
  if (at == text.size()) return {other, false};
  return national_symbol(c, static_cast<unsigned char>(text[at++]));
}

}  // namespace

Folded fold_plate(std::string_view text) {
  Folded out;
  std::fill_n(out.symbols, sizeof out.symbols, no_symbol);
  uint32_t n = 0, letters = 0, run = 0;
  Spelling pending = 0;
  for (size_t at = 0; at < text.size();) {
    const auto [code, lower] = next_symbol(text, at);
    if (code == other) return out;
    if (code & separator) {
      if (n == 0 || ++run > 1) out.changed |= changed_separators;
      if (pending <= 1) pending = code & 3;
      continue;
    }
    if (n == sizeof out.symbols) return out;
    if (lower) out.changed |= changed_case;
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
    const uint8_t code = c == '/' ? slash : code_of(static_cast<unsigned char>(c));
    if (code == other) return out;
    if (c >= 'a') out.changed |= changed_case;
    if (code & separator) {
      out.changed |= changed_separators;
      continue;
    }
    if (n == sizeof out.symbols) return out;
    lookalike = lookalike || code == 'I' - 'A' + first_letter || code == 'O' - 'A' + first_letter ||
                code == 'Q' - 'A' + first_letter;
    out.symbols[n++] = code;
  }
  out.plain = n > 0 && !(n == vin_symbols && lookalike);
  return out;
}

}  // namespace prum::vehicle
