#include "face/matcher.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "engine/tier.hpp"
#include "engine/watch.hpp"
#include "face/admit.hpp"
#include "face/shortlist.hpp"

namespace prum::face {
namespace {

// From this number of probes on, a scan by both nibbles is faster than one by the high nibbles with
// a second look at the survivors.
constexpr uint32_t full_scan_probes = 32;
// The first rows of a tile, as long as there are no floors: all of them survive.
constexpr uint32_t first_rows = 256;

uint32_t rows_together(uint32_t probes) {
  return probes == 1 ? 8192 : probes <= block_probes ? 2048 : 512;
}

VectorPanels panels_in(const Segment& segment, const Probes& probes) {
  const size_t panels = panels_of(segment.rows()), groups = probes.groups();
  VectorPanels out;
  out.groups = probes.groups();
  out.high = segment.column("high", panels * groups * 64).as<uint8_t>();
  out.low = segment.column("low", panels * groups * 64).as<uint8_t>();
  out.coarse = segment.column("coarse", panels * 48 * sizeof(float)).as<float>();
  out.fine = segment.column("fine", panels * 64 * sizeof(float)).as<float>();
  return out;
}

// Scans pieces of a tile with all probes.
class Scan {
 public:
  Scan(const Probes& probes, const VectorPanels& panels, uint32_t first_probe, uint32_t last_probe)
      : panels_(panels),
        arranged_(probes.arrange(first_probe, last_probe)),
        kernels_(&kernels_in_use().vectors) {
    const uint32_t n = last_probe - first_probe;
    full_ = kernels_->scan_full != nullptr && n >= full_scan_probes;
    if (full_) {
      const size_t bytes = size_t{panels.groups} * 256;
      scratch_.resize(bytes + 64);
      size_t space = scratch_.size();
      tile_ = scratch_.data();
      std::align(64, bytes, tile_, space);
    }
    const size_t room = rows_together(n) + panel_rows;
    rows_.resize(n * room);
    upper_.resize(n * room);
    sums_.resize(n * room);
    for (uint32_t p = 0; p < n; ++p) {
      survivors_.push_back(
          {rows_.data() + p * room, upper_.data() + p * room, sums_.data() + p * room, 0});
    }
  }

  // Rows of [from, to) that may reach the floors, and perhaps some of the padding behind.
  const std::vector<Survivors>& rows(uint32_t from, uint32_t to, const float* floors) {
    for (Survivors& s : survivors_) s.n = 0;
    const uint32_t first = from / panel_rows;
    const auto last = static_cast<uint32_t>(first + panels_of(to - from));
    if (full_) {
      kernels_->scan_full(panels_, arranged_.blocks.data(),
                          static_cast<uint32_t>(arranged_.blocks.size()), floors, first, last,
                          static_cast<uint8_t*>(tile_), survivors_.data());
      return survivors_;
    }
    Survivors* survivors = survivors_.data();
    for (const ProbeBlock& block : arranged_.blocks) {
      kernels_->scan_high(panels_, block, floors, first, last, survivors);
      for (uint32_t p = 0; p < block.probes; ++p) {
        kernels_->refine(panels_, block, p, floors[p], survivors[p]);
      }
      floors += block.probes;
      survivors += block.probes;
    }
    return survivors_;
  }

 private:
  VectorPanels panels_;
  Probes::Arranged arranged_;
  const VectorKernels* kernels_;
  bool full_;
  std::vector<uint8_t> scratch_;
  void* tile_ = nullptr;
  std::vector<uint32_t> rows_;
  std::vector<float> upper_;
  std::vector<int32_t> sums_;
  std::vector<Survivors> survivors_;
};

}  // namespace

void FaceMatcher::search(const Segment& segment, uint32_t begin, uint32_t end, uint32_t first_probe,
                         uint32_t last_probe, Sink& sink) const {
  const VectorPanels panels = panels_in(segment, probes_);
  const size_t bytes = size_t{segment.rows()} * probes_.dimension() * sizeof(float);
  const auto* vectors = segment.column("vectors", bytes).as<float>();
  Scan scan(probes_, panels, first_probe, last_probe);
  Shortlist shortlist(probes_, panels, vectors, threshold_, first_probe, last_probe, sink);
  const uint32_t most = rows_together(last_probe - first_probe);
  uint32_t rows = shortlist.settled() ? most : first_rows;
  for (uint32_t from = begin; from < end;) {
    const uint32_t to = end - from > rows ? from + rows : end;
    check_watch();
    shortlist.add(scan.rows(from, to, shortlist.floors()), end);
    from = to;
    rows = std::min(2 * rows, most);
  }
  shortlist.score();
}

}  // namespace prum::face
