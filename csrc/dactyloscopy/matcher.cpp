#include "dactyloscopy/matcher.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include "dactyloscopy/scorer.hpp"
#include "engine/error.hpp"
#include "engine/tier.hpp"
#include "engine/watch.hpp"

namespace prum::dactyloscopy {

PrintColumns::PrintColumns(const Segment& segment) {
  const size_t rows = segment.rows();
  offsets_ = segment.column("minutiae.offsets", (rows + 1) * sizeof(uint64_t)).as<uint64_t>();
  compared_ = segment.column("compared", rows * sizeof(uint16_t)).as<uint16_t>();
  places_ = segment.column("place", rows).as<uint8_t>();
  total_ = segment.column("minutiae.x").bytes / sizeof(uint16_t);
  x_ = segment.column("minutiae.x").as<uint16_t>();
  y_ = segment.column("minutiae.y", total_ * sizeof(uint16_t)).as<uint16_t>();
  turn_ = segment.column("minutiae.turn", total_ * sizeof(uint16_t)).as<uint16_t>();
  crowd_ = segment.column("minutiae.crowd", total_).as<uint8_t>();
  codes_ = segment.column("minutiae.codes", total_ * code_bytes).as<int8_t>();
}

StoredPrint PrintColumns::at(uint32_t row) const {
  const uint64_t begin = offsets_[row], end = offsets_[row + 1];
  const uint32_t n = compared_[row];
  if (begin > end || end > total_ || n > end - begin || n > max_minutiae) throw_damaged();
  return {x_ + begin, y_ + begin, turn_ + begin, codes_ + begin * code_bytes, crowd_ + begin, n};
}

uint32_t PrintMatcher::tile_rows(uint32_t n) const {
  // Some milliseconds of work: a comparison takes tens of microseconds.
  return std::max(16u, 256u / std::max(n, 1u));
}

void PrintMatcher::search(const Segment& segment, uint32_t begin, uint32_t end,
                          uint32_t first_probe, uint32_t last_probe, Sink& sink) const {
  const PrintColumns columns(segment);
  Scorer scorer;
  for (uint32_t row = begin; row < end; ++row) {
    if (!sink.visible(row)) continue;
    for (uint32_t p = first_probe; p < last_probe; ++p) {
      const Probe& probe = probes_[p];
      if (!probe.places[columns.place(row)] || !sink.shortlisted(p, row)) continue;
      check_watch();
      const PairScore found = scorer.score(*probe.print, columns.at(row));
      if (!all_ && (!(found.score > 0) || found.score < threshold_)) continue;
      const uint64_t rank = rank_of(found.score);
      if (rank > sink.cut(p)) continue;
      const uint64_t detail = uint64_t{columns.place(row)} << 48 | uint64_t{found.pairs} << 32 |
                              uint64_t{found.overlap_a} << 16 | found.overlap_b;
      sink.offer(p, row, rank, detail);
    }
  }
}

void PrintMatcher::scan(const Segment& segment, uint32_t begin, uint32_t end, uint32_t probe,
                        const Sink& sink, uint32_t* out) const {
  const PrintColumns columns(segment);
  const Probe& searched = probes_[probe];
  auto* const kernel = kernels_in_use().minutiae.scan;
  const Oriented& print = searched.print->oriented();
  std::vector<int8_t> scratch;
  Pulse<16> pulse;
  for (uint32_t row = begin; row < end; ++row) {
    if (!sink.visible(row) || !searched.places[columns.place(row)]) continue;
    pulse();
    const StoredPrint reference = columns.at(row);
    const size_t room =
        size_t{code_bytes} * lane_block + size_t{print.n} * lanes_of(reference.n) * sizeof(int16_t);
    if (scratch.size() < room) scratch.resize(room);
    out[row] = 1 + std::min(kernel(print, reference, scratch.data()), 0xfffffffeu);
  }
}

// Scores are not negative, so their bits rise as they do.
uint64_t rank_of(float score) { return 0xffffffffu - std::bit_cast<uint32_t>(score); }

float score_of(uint64_t rank) {
  return std::bit_cast<float>(0xffffffffu - static_cast<uint32_t>(rank));
}

}  // namespace prum::dactyloscopy
