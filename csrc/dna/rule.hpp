// The comparison rules, exactly: one locus, one pair of profiles, one policy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dna/genotype.hpp"

namespace prum::dna {

// The result for one locus, by its worst allele (Decision 2008/616/JHA, Annex, chapter 1).
enum class LocusClass : uint8_t { exact = 1, wildcard = 2, micro_variant = 3, mismatch = 4 };

struct LocusResult {
  LocusClass worst = LocusClass::exact;
  uint8_t wildcards = 0;       // alleles
  uint8_t micro_variants = 0;  // alleles
  uint8_t mismatches = 0;      // alleles
};

// Exchange view: both loci hold a pair. The better allele order counts: fewest differing
// alleles, then fewest mismatches, then fewest wildcards.
LocusResult compare_pairs(const Locus& a, const Locus& b);

// Original view (CODIS): the strictest stringency that the two allele sets satisfy.
enum class Stringency : uint8_t { high = 1, moderate = 2, low = 3, none = 4 };
Stringency compare_sets(const Locus& a, const Locus& b);

// One reading of the Prüm hit rule: the loci that count to the floor, the costs of deviations.
struct Reading {
  uint8_t min_loci = 6;
  bool counts_wildcard = false;
  bool counts_micro = false;
  uint8_t wildcard_cost = 0;  // a wildcard allele; micro-variant and mismatch alleles cost one
  uint8_t budget = 1;
};

// Either readings of the exchange view, or one stringency on the original view.
struct Policy {
  std::vector<Reading> readings;  // at most 8; every candidate is tagged with those it satisfies
  uint8_t accepted = 0;           // bit r: satisfying reading r makes a candidate
  bool original_view = false;
  Stringency stringency = Stringency::moderate;
  uint8_t min_loci = 0;             // original view: loci that reach the stringency
  uint8_t max_mismatched_loci = 0;  // original view: loci that do not
};

// Sums over the compared loci.
struct Counts {
  uint8_t compared = 0;
  uint8_t of_class[5] = {0, 0, 0, 0, 0};  // loci by LocusClass, or by Stringency
  uint8_t wildcard_alleles = 0;
  uint8_t micro_variant_alleles = 0;
  uint8_t mismatch_alleles = 0;

  void add(const LocusResult& locus);
  void add(Stringency locus);
};

struct Verdict {
  uint8_t grade = 0;     // 1 best .. 4; 0: not a candidate
  uint8_t readings = 0;  // bits of the readings that hold
};
Verdict judge(const Counts& counts, const Policy& policy);

// Rank and detail of a candidate, as every list carries them.
uint64_t rank_of(const Counts& counts, const Verdict& verdict);
uint64_t detail_of(const Counts& counts, const Verdict& verdict, bool amelogenin_differs);

// A lower bound of what a reference of class `reference` costs a probe of class `probe`.
uint8_t least_cost(uint8_t probe, uint8_t reference, uint8_t modulus, const Policy& policy);
uint8_t cost_budget(const Policy& policy);
// No pair with fewer loci in common can be a candidate.
uint8_t loci_floor(const Policy& policy);

}  // namespace prum::dna
