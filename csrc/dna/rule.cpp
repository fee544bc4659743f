#include "dna/rule.hpp"

#include <algorithm>

namespace prum::dna {
namespace {

void add_allele(LocusResult& result, uint16_t a, uint16_t b) {
  if (a == b && a != wildcard) return;
  if (a == wildcard || b == wildcard) {
    ++result.wildcards;
    result.worst = std::max(result.worst, LocusClass::wildcard);
  } else if (a - b == 1 || b - a == 1) {
    // A difference of one base reproduces the micro-variant table (Annex, from memory) for every
    // repeat period.
    ++result.micro_variants;
    result.worst = std::max(result.worst, LocusClass::micro_variant);
  } else {
    ++result.mismatches;
    result.worst = std::max(result.worst, LocusClass::mismatch);
  }
}

bool better(const LocusResult& a, const LocusResult& b) {
  const int differing_a = a.micro_variants + a.mismatches;
  const int differing_b = b.micro_variants + b.mismatches;
  if (differing_a != differing_b) return differing_a < differing_b;
  if (a.mismatches != b.mismatches) return a.mismatches < b.mismatches;
  return a.wildcards < b.wildcards;
}

// A count that saturates at 255, far above any budget, instead of wrapping.
uint8_t saturated(int count) { return static_cast<uint8_t>(std::min(count, 255)); }

int size_of(const uint16_t (&set)[3]) { return (set[0] != 0) + (set[1] != 0) + (set[2] != 0); }

// Bucket pair of a class; 21 and above stand for a wildcard.
constexpr uint8_t any_bucket = 0xFF;

void buckets_of(uint8_t genotype_class, uint8_t (&buckets)[2]) {
  if (genotype_class >= class_half_wild) {
    buckets[0] = static_cast<uint8_t>(genotype_class - class_half_wild);
    buckets[1] = any_bucket;
    return;
  }
  int hi = 0;
  while ((hi + 1) * (hi + 2) / 2 <= genotype_class - 1) ++hi;
  buckets[0] = static_cast<uint8_t>(genotype_class - 1 - hi * (hi + 1) / 2);
  buckets[1] = static_cast<uint8_t>(hi);
}

int pair_cost(const uint8_t (&p)[2], const uint8_t (&r)[2], int wildcard_cost) {
  const auto one = [&](uint8_t a, uint8_t b) {
    if (a == any_bucket || b == any_bucket) return wildcard_cost;
    return a == b ? 0 : 1;
  };
  return std::min(one(p[0], r[0]) + one(p[1], r[1]), one(p[0], r[1]) + one(p[1], r[0]));
}

// May a locus of these classes reach the stringency? Half-wild classes stand for any set.
bool may_reach(Stringency wanted, const uint8_t (&p)[2], const uint8_t (&r)[2]) {
  const bool shares = p[0] == r[0] || p[0] == r[1] || p[1] == r[0] || p[1] == r[1];
  if (wanted == Stringency::low) return shares;
  if (pair_cost(p, r, 0) == 0) return true;
  if (wanted == Stringency::high) return false;
  // Moderate: one set within the other, and two unequal pairs of buckets only allow that where
  // one side may be a single allele.
  return shares && (p[0] == p[1] || r[0] == r[1]);
}

}  // namespace

LocusResult compare_pairs(const Locus& a, const Locus& b) {
  LocusResult straight, crossed;
  add_allele(straight, a.low, b.low);
  add_allele(straight, a.high, b.high);
  add_allele(crossed, a.low, b.high);
  add_allele(crossed, a.high, b.low);
  return better(crossed, straight) ? crossed : straight;
}

Stringency compare_sets(const Locus& a, const Locus& b) {
  const int size_a = size_of(a.designations), size_b = size_of(b.designations);
  int shared = 0;
  for (int i = 0; i < size_a; ++i) {
    for (int j = 0; j < size_b; ++j) shared += a.designations[i] == b.designations[j];
  }
  if (shared == 0) return Stringency::none;
  if (shared == size_a && shared == size_b) return Stringency::high;
  return shared == std::min(size_a, size_b) ? Stringency::moderate : Stringency::low;
}

void Counts::add(const LocusResult& locus) {
  ++compared;
  ++of_class[static_cast<int>(locus.worst)];
  wildcard_alleles = saturated(wildcard_alleles + locus.wildcards);
  micro_variant_alleles = saturated(micro_variant_alleles + locus.micro_variants);
  mismatch_alleles = saturated(mismatch_alleles + locus.mismatches);
}

void Counts::add(Stringency locus) {
  ++compared;
  ++of_class[static_cast<int>(locus)];
}

Verdict judge(const Counts& counts, const Policy& policy) {
  Verdict verdict;
  uint8_t worst = 1;
  for (uint8_t c = 2; c <= 4; ++c) {
    if (counts.of_class[c] != 0) worst = c;
  }
  if (policy.original_view) {
    int reached = 0;
    for (int s = 1; s <= static_cast<int>(policy.stringency); ++s) reached += counts.of_class[s];
    const bool hit =
        reached >= policy.min_loci && counts.compared - reached <= policy.max_mismatched_loci;
    verdict.grade = hit ? worst : uint8_t{0};
    return verdict;
  }
  for (size_t r = 0; r < policy.readings.size(); ++r) {
    const Reading& reading = policy.readings[r];
    int counted = counts.of_class[static_cast<int>(LocusClass::exact)];
    if (reading.counts_wildcard) counted += counts.of_class[static_cast<int>(LocusClass::wildcard)];
    if (reading.counts_micro) {
      counted += counts.of_class[static_cast<int>(LocusClass::micro_variant)];
    }
    const int cost = counts.micro_variant_alleles + counts.mismatch_alleles +
                     reading.wildcard_cost * counts.wildcard_alleles;
    if (counted >= reading.min_loci && cost <= reading.budget) {
      verdict.readings = static_cast<uint8_t>(verdict.readings | (1u << r));
    }
  }
  if ((verdict.readings & policy.accepted) != 0) verdict.grade = worst;
  return verdict;
}

uint64_t rank_of(const Counts& counts, const Verdict& verdict) {
  return uint64_t{verdict.grade} << 16 | uint64_t{uint8_t(255 - counts.of_class[1])} << 8 |
         uint64_t{uint8_t(255 - counts.compared)};
}

uint64_t detail_of(const Counts& counts, const Verdict& verdict, bool amelogenin_differs) {
  return uint64_t{counts.compared} | uint64_t{counts.of_class[1]} << 8 |
         uint64_t{counts.of_class[2]} << 16 | uint64_t{counts.of_class[3]} << 24 |
         uint64_t{counts.of_class[4]} << 32 | uint64_t{counts.mismatch_alleles} << 40 |
         uint64_t{verdict.readings} << 48 | uint64_t{amelogenin_differs} << 56;
}

uint8_t least_cost(uint8_t probe, uint8_t reference, uint8_t modulus, const Policy& policy) {
  if (reference == class_dead) return 2;
  const auto half_wild_end = class_half_wild + modulus;
  if (probe == class_absent || probe >= half_wild_end) return 0;
  if (reference == class_absent || reference >= half_wild_end) return 0;
  uint8_t p[2], r[2];
  buckets_of(probe, p);
  buckets_of(reference, r);
  if (policy.original_view) {
    if (probe >= class_half_wild || reference >= class_half_wild) return 0;
    return may_reach(policy.stringency, p, r) ? 0 : 1;
  }
  int least = 2;
  for (size_t i = 0; i < policy.readings.size(); ++i) {
    if ((policy.accepted >> i & 1) == 0) continue;
    least = std::min(least, pair_cost(p, r, policy.readings[i].wildcard_cost));
  }
  return static_cast<uint8_t>(least);
}

uint8_t cost_budget(const Policy& policy) {
  if (policy.original_view) return policy.max_mismatched_loci;
  uint8_t budget = 0;
  for (size_t i = 0; i < policy.readings.size(); ++i) {
    if ((policy.accepted >> i & 1) != 0) budget = std::max(budget, policy.readings[i].budget);
  }
  return budget;
}

uint8_t loci_floor(const Policy& policy) {
  if (policy.original_view) return policy.min_loci;
  uint8_t floor = 255;
  for (size_t i = 0; i < policy.readings.size(); ++i) {
    if ((policy.accepted >> i & 1) != 0) floor = std::min(floor, policy.readings[i].min_loci);
  }
  return floor;
}

}  // namespace prum::dna
