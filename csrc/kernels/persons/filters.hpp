// Filters of 1024 bits (the pseudonyms of a person): the data of their kernels.
//
// Two filters share at most the bits that their first halves share, plus as many bits as the
// emptier of the second halves has. This bound needs half of the memory and refutes nearly all
// pairs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prum {

inline constexpr uint32_t half_words = 8;     // of 64 bits, in each half of a filter
inline constexpr uint32_t panel_filters = 8;  // filters whose first halves lie interleaved
inline constexpr uint32_t probes_together = 4;

struct FilterPanels {
  const uint64_t* heads;   // [panel][word][filter]
  const uint16_t* counts;  // [panel][2][filter]: bits of the filter, bits of its second half
};

// A pair may score at least num / 2^20 by Dice if 2^21 * shared >= num * (bits of both).
struct FilterProbe {
  uint64_t head[half_words];
  uint32_t bits;
  uint32_t tail_bits;
  uint32_t num;
};

// Filters that may score enough, with the bits that their first halves share; each array has room
// for all filters that are looked at.
struct FilterSurvivors {
  uint32_t* filters;
  uint16_t* shared;
  uint32_t n;
};

struct FilterKernels {
  // Looks at the panels [first, last) with up to `probes_together` probes.
  void (*scan)(const FilterPanels& panels, const FilterProbe* probes, uint32_t n_probes,
               uint32_t first, uint32_t last, FilterSurvivors* survivors);
  // Bits that a filter of 512 bits shares with each of many.
  void (*shared)(const uint64_t* filter, const uint64_t* filters, uint32_t n, uint16_t* out);
};

}  // namespace prum
