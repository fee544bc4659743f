// All pairs that a matcher offers, without lists or limits: for answers about subjects, which are
// made of many comparisons.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/search/sink.hpp"

namespace prum {

struct Pair {
  uint32_t probe;
  uint32_t reference;  // a place in `references`
  uint64_t rank;
  uint64_t detail;
};

// A reference that was compared with at least one probe.
struct Reference {
  uint32_t segment;
  uint32_t row;
  uint32_t owner;  // a place in `owners`
  std::string id;
};

// The owner of references: a subject or, where none is known, a single reference by its own id.
struct Owner {
  std::string id;
  bool is_reference;
};

// In no particular order. No pair holds a reference that was erased while the search ran.
struct Pairs {
  SegmentList segments;
  std::vector<Pair> pairs;
  std::vector<Reference> references;
  std::vector<Owner> owners;
  uint64_t examined = 0;  // live, eligible references
  uint64_t generation = 0;

  // Whether all of these references are still live.
  bool all_live() const;
};

class Pass;

// Everything that a pass offered to the probes [0, probes); the gate was not left since.
Pairs pairs_of(const Pass& pass, const SegmentList& segments, uint32_t probes);

}  // namespace prum
