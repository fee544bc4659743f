// Which rows are worth a full comparison: for matchers that look at all rows in passing first.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/search/sink.hpp"

namespace prum {

// Rows per probe and segment, as bitmaps.
class Shortlists {
 public:
  // The share `matcher.kept_share()` of the visible rows, by their worth in passing. Rows that are
  // worth as much as the last one are kept too: the list does not depend on the order of rows.
  static Shortlists make(const Matcher& matcher, const SegmentList& segments,
                         const Eligible& eligible, uint32_t first_probe, uint32_t last_probe,
                         unsigned threads);

  const uint64_t* rows(uint32_t probe, uint32_t segment) const {
    return bitmaps_[probe - first_][segment].data();
  }

 private:
  uint32_t first_ = 0;
  std::vector<std::vector<std::vector<uint64_t>>> bitmaps_;
};

}  // namespace prum
