#include "engine/search/shortlist.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/pool.hpp"
#include "engine/watch.hpp"

namespace prum {
namespace {

// Worth of the last row that is kept.
uint32_t least_kept(const std::vector<std::vector<uint32_t>>& worth, double keep) {
  std::vector<uint32_t> compared;
  for (const auto& rows : worth) {
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(compared),
                 [](uint32_t w) { return w > 0; });
  }
  if (compared.empty()) return 1;
  const auto wanted = static_cast<size_t>(std::ceil(keep * static_cast<double>(compared.size())));
  const size_t last = std::clamp<size_t>(wanted, 1, compared.size()) - 1;
  std::nth_element(compared.begin(), compared.begin() + static_cast<ptrdiff_t>(last),
                   compared.end(), std::greater<>());
  return compared[last];
}

std::vector<uint64_t> rows_from(const std::vector<uint32_t>& worth, uint32_t least) {
  std::vector<uint64_t> bitmap((worth.size() + 63) / 64, 0);
  for (size_t row = 0; row < worth.size(); ++row) {
    if (worth[row] >= least) bitmap[row >> 6] |= uint64_t{1} << (row & 63);
  }
  return bitmap;
}

}  // namespace

Shortlists Shortlists::make(const Matcher& matcher, const SegmentList& segments,
                            const Eligible& eligible, uint32_t first_probe, uint32_t last_probe,
                            unsigned threads) {
  constexpr uint32_t rows_of_task = 4096;
  Shortlists out;
  out.first_ = first_probe;
  ListRule any;
  for (uint32_t probe = first_probe; probe < last_probe; ++probe) {
    std::vector<std::vector<uint32_t>> worth(segments.size());
    for (uint32_t s = 0; s < segments.size(); ++s) {
      const uint32_t rows = segments[s]->rows();
      worth[s].assign(rows, 0);
      const size_t tasks = (size_t{rows} + rows_of_task - 1) / rows_of_task;
      parallel_for(tasks, threads, [&](size_t task, unsigned) {
        Cuts none(first_probe, 0);
        Sink sink(segments, eligible, first_probe, 0, any, none, nullptr);
        sink.begin(s);
        const auto begin = static_cast<uint32_t>(task * rows_of_task);
        const uint32_t end = std::min(rows, begin + rows_of_task);
        matcher.scan(*segments[s], begin, end, probe, sink, worth[s].data());
        if (watched.watch != nullptr) watched.watch->add(end - begin);
      });
    }
    const uint32_t least = least_kept(worth, matcher.kept_share());
    auto& bitmaps = out.bitmaps_.emplace_back();
    for (const auto& rows : worth) bitmaps.push_back(rows_from(rows, least));
  }
  return out;
}

}  // namespace prum
