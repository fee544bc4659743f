#include "engine/search/pass.hpp"

#include <algorithm>
#include <string>

#include "engine/error.hpp"
#include "engine/pool.hpp"
#include "engine/watch.hpp"

namespace prum {
namespace {

using Bitmap = std::vector<uint64_t>;

Bitmap bitmap_of(const Segment& segment, const std::vector<std::string>& ids,
                 std::vector<bool>& known) {
  Bitmap bitmap((size_t{segment.rows()} + 63) / 64, 0);
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto row = segment.find(ids[i]);
    if (!row) continue;
    known[i] = true;
    bitmap[*row >> 6] |= uint64_t{1} << (*row & 63);
  }
  return bitmap;
}

void keep_in_range(const Segment& segment, const Range& range, Bitmap& bitmap) {
  if (segment.find_column(range.attribute) == nullptr) {
    std::fill(bitmap.begin(), bitmap.end(), 0);
    return;
  }
  const uint32_t rows = segment.rows();
  const auto* values = segment.column(range.attribute, size_t{rows} * sizeof(double)).as<double>();
  for (uint32_t row = 0; row < rows; ++row) {
    if (!(values[row] >= range.low && values[row] <= range.high)) {
      bitmap[row >> 6] &= ~(uint64_t{1} << (row & 63));
    }
  }
}

Eligible eligible_in(const SegmentList& segments, const SearchRequest& request) {
  Eligible eligible;
  eligible.by_label = request.by_label;
  eligible.label = request.label;
  eligible.by_row = request.by_id || !request.ranges.empty();
  if (!eligible.by_row) return eligible;
  std::vector<bool> known(request.ids.size(), false);
  for (const auto& segment : segments) {
    eligible.rows.push_back(request.by_id
                                ? bitmap_of(*segment, request.ids, known)
                                : Bitmap((size_t{segment->rows()} + 63) / 64, ~uint64_t{0}));
    for (const Range& range : request.ranges) keep_in_range(*segment, range, eligible.rows.back());
  }
  const auto unknown = std::find(known.begin(), known.end(), false);
  if (unknown != known.end()) {
    throw Error(ErrorKind::unknown_reference, "unknown_reference",
                "eligible names a reference that the gallery does not hold",
                unknown - known.begin());
  }
  return eligible;
}

uint64_t count_examined(const SegmentList& segments, const Eligible& eligible) {
  uint64_t n = 0;
  for (size_t s = 0; s < segments.size(); ++s) {
    const Segment& segment = *segments[s];
    if (eligible.by_row) {
      for (uint32_t row = 0; row < segment.rows(); ++row) {
        const bool chosen = (eligible.rows[s][row >> 6] >> (row & 63)) & 1;
        n += chosen && segment.live(row) &&
             (!eligible.by_label || eligible.label[segment.label(row)]);
      }
    } else if (eligible.by_label) {
      for (unsigned code = 0; code < 256; ++code) {
        if (eligible.label[code]) n += segment.live_rows(static_cast<uint8_t>(code));
      }
    } else {
      n += segment.live_rows();
    }
  }
  return n;
}

}  // namespace

Pass::Pass(const SearchRequest& request, const SegmentList& segments, uint32_t first, uint32_t last)
    : request_(&request),
      segments_(&segments),
      first_(first),
      last_(last),
      list_(request.list),
      eligible_(eligible_in(segments, request)),
      examined_(count_examined(segments, eligible_)) {
  const uint32_t tile_rows = request.matcher->tile_rows(last - first);
  for (uint32_t s = 0; s < segments.size(); ++s) {
    const uint32_t rows = segments[s]->rows();
    for (uint32_t begin = 0; begin < rows;) {
      const uint32_t end = rows - begin > tile_rows ? begin + tile_rows : rows;
      tiles_.push_back({s, begin, end});
      begin = end;
    }
  }
  // Where nobody has a subject, fusing changes nothing, and plain lists are found faster.
  list_.fuse = list_.fuse && std::any_of(segments.begin(), segments.end(),
                                         [](const auto& s) { return s->has_subjects(); });
  if (request.matcher->kept_share() < 1) {
    shortlists_ =
        Shortlists::make(*request.matcher, segments, eligible_, first, last, request.threads);
  }
}

void Pass::run() {
  cuts_.emplace(first_, last_ - first_);
  const auto workers = std::max<size_t>(1, std::min<size_t>(request_->threads, tiles_.size()));
  sinks_.clear();
  sinks_.reserve(workers);
  for (size_t worker = 0; worker < workers; ++worker) {
    sinks_.emplace_back(*segments_, eligible_, first_, last_ - first_, list_, *cuts_,
                        request_->origins ? &*request_->origins : nullptr);
  }
  parallel_for(tiles_.size(), static_cast<unsigned>(workers),
               [&](size_t t, unsigned worker) { search(tiles_[t], sinks_[worker]); });
}

void Pass::search(const Tile& tile, Sink& sink) const {
  sink.begin(tile.segment);
  std::vector<const uint64_t*> chosen;
  if (shortlists_) {
    for (uint32_t probe = first_; probe < last_; ++probe) {
      chosen.push_back(shortlists_->rows(probe, tile.segment));
    }
    sink.shorten(chosen.data());
  }
  request_->matcher->search(*(*segments_)[tile.segment], tile.begin, tile.end, first_, last_, sink);
  if (watched.watch != nullptr) {
    watched.watch->add(uint64_t{tile.end - tile.begin} * (last_ - first_));
  }
}

}  // namespace prum
