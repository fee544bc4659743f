// Storage of a genotype: allele codes, exact lengths, and the 8-bit class that is scanned.
#pragma once

#include <algorithm>
#include <cstdint>

namespace prum::dna {

// Lengths in bases: repeats x period + fraction (9.3 at TH01 is 39).
inline constexpr uint16_t wildcard = 0xFFFF;

// Allele codes of the compact row, one byte each, two a locus.
inline constexpr uint8_t code_absent = 0;    // locus not typed
inline constexpr uint8_t code_wildcard = 1;  // exchange view: any allele
inline constexpr uint8_t code_alone = 2;     // beside one allele that the exchange view leaves out
inline constexpr uint8_t code_first = 3;     // length of two repeats
inline constexpr uint8_t code_escape = 255;  // both codes: look in the side column

inline uint8_t allele_code(uint16_t length, uint8_t period) {
  if (length == wildcard) return code_wildcard;
  const int code = int{length} - 2 * period + code_first;
  return code >= code_first && code < code_escape ? static_cast<uint8_t>(code) : code_escape;
}

inline uint16_t allele_length(uint8_t code, uint8_t period) {
  if (code == code_wildcard) return wildcard;
  return static_cast<uint16_t>(code - code_first + 2 * period);
}

// Both views of one locus of one profile.
struct Locus {
  uint16_t low = 0;  // exchange view: low <= high, wildcard last; 0, 0: not in it
  uint16_t high = 0;
  uint16_t designations[3] = {0, 0, 0};  // original view: distinct, ascending, 0 for none

  bool in_exchange_view() const { return low != 0; }
  bool in_original_view() const { return designations[0] != 0; }
};

// The class of a genotype: a fixed function of the genotype, never learned from the people
// enrolled. Alleles fall into length mod `modulus` buckets, a number coprime with the repeat
// period, so that 21 neighbouring whole repeats get buckets of their own; unordered pairs of
// buckets and (bucket, *) fill 252 values. Unequal buckets prove unequal alleles.
inline constexpr uint8_t class_absent = 0;
inline constexpr uint8_t class_half_wild = 232;  // + bucket
inline constexpr uint8_t class_dead = 255;       // an erased row: costs two at every locus

inline uint8_t modulus(uint8_t period) {
  for (uint8_t m = 21;; --m) {
    uint8_t a = m, b = period;
    while (b != 0) {
      const uint8_t r = a % b;
      a = b;
      b = r;
    }
    if (a == 1) return m;
  }
}

inline uint8_t class_of(uint16_t low, uint16_t high, uint8_t mod) {
  if (low == 0) return class_absent;
  const auto x = static_cast<uint8_t>(low % mod);
  if (high == wildcard) return static_cast<uint8_t>(class_half_wild + x);
  const auto y = static_cast<uint8_t>(high % mod);
  const uint8_t lo = std::min(x, y), hi = std::max(x, y);
  return static_cast<uint8_t>(1 + hi * (hi + 1) / 2 + lo);
}

// A profile as the Python side packs it: a header of 4 bytes, then 12 bytes a locus.
struct PackedHeader {
  uint8_t kind;  // 0 reference, 1 stain
  uint8_t amelogenin;
  uint8_t flags;
  uint8_t n_records;
};

struct PackedRecord {
  uint16_t locus;  // index in the registry
  uint16_t low, high;
  uint16_t designations[3];
};

static_assert(sizeof(PackedHeader) == 4 && sizeof(PackedRecord) == 12);

}  // namespace prum::dna
