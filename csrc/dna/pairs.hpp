// All pairs of a set of profiles: how many loci they share fully, and by one allele.
#pragma once

#include <cstdint>
#include <vector>

namespace prum::dna {

// Low and high allele code of each profile, a pair of arrays a locus; 0 is not typed. Arrays are
// readable for 64 bytes past profile n. Returns (loci + 1)^2 counts of pairs, row = loci with
// equal genotypes, column = loci that share exactly one allele.
std::vector<int64_t> match_matrix(const std::vector<const uint8_t*>& low,
                                  const std::vector<const uint8_t*>& high, uint32_t n,
                                  unsigned threads);

}  // namespace prum::dna
