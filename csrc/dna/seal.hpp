// From profiles to the sealed columns of a segment: codes, order, classes, runs.
#pragma once

#include <cstdint>
#include <vector>

#include "dna/genotype.hpp"

namespace prum::dna {

// The loci of a segment, in column order (most discriminating first).
struct Slots {
  std::vector<uint16_t> index;
  std::vector<uint8_t> period;

  uint32_t size() const { return static_cast<uint32_t>(index.size()); }
};

struct Escapes {
  std::vector<uint64_t> keys;    // row * slots + slot
  std::vector<uint16_t> values;  // 5 an entry: low, high, three designations

  // The values of a key; null where a damaged segment lacks them.
  const uint16_t* find(uint64_t key) const;
};

// Writes the two codes of every locus of every profile (n x slots x 2, zeroed by the caller).
void encode_packed(const uint8_t* packed, const uint64_t* offsets, uint32_t n, const Slots& slots,
                   uint8_t* genotypes, uint8_t* meta, Escapes& escapes);

enum class SingleAllele : uint8_t { homozygote, wildcard, drop };

struct TableNotes {
  uint64_t wildcard_tokens = 0;   // rule N3: 1 and 99
  uint64_t single_alleles = 0;    // rule N7b
  uint64_t double_wildcards = 0;  // rule N8
};

// The same from an array of alleles in tenths of a repeat (93 is 9.3), 0 not typed, -1 wildcard.
// `source` names the array's column of each slot. Throws bad_allele with index = row.
TableNotes encode_tenths(const int16_t* tenths, uint32_t n, const Slots& slots,
                         const std::vector<uint32_t>& source, SingleAllele single,
                         uint8_t* genotypes, Escapes& escapes);

// Order of the rows by their leading genotype classes; ties keep their order.
std::vector<uint32_t> sorted_order(const uint8_t* genotypes, uint32_t n, const Slots& slots,
                                   const Escapes& escapes);

// Writes genotypes and class columns in the new order; class columns are `stride` apart, and the
// caller filled them with class_dead. Returns the escapes with their new keys.
Escapes write_sorted(const uint8_t* genotypes, uint32_t n, const Slots& slots,
                     const Escapes& escapes, const std::vector<uint32_t>& order,
                     uint8_t* sorted_genotypes, uint8_t* classes, size_t stride);

// Neighbouring rows with equal leading classes.
struct Runs {
  std::vector<uint32_t> start;                // one more than runs
  std::vector<uint8_t> depth;                 // leading classes that all rows of the run share
  std::vector<std::vector<uint8_t>> classes;  // per leading column; class_absent below the depth
};
Runs find_runs(const uint8_t* classes, size_t stride, uint32_t n, uint32_t slots);

}  // namespace prum::dna
