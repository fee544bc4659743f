// Where a matcher puts what it found: visibility of rows, and the best hits of every probe.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/segment.hpp"

namespace prum {

using SegmentList = std::vector<std::shared_ptr<Segment>>;

// A candidate. `rank` orders candidates, smaller is better; ties end in the reference id.
// `detail` is the category's own: it says why, in 64 bits.
struct Hit {
  uint32_t segment;
  uint32_t row;
  uint64_t rank;
  uint64_t detail;
};

// The total order of candidates: never by layout, so it is the same for every segmentation.
class HitOrder {
 public:
  explicit HitOrder(const SegmentList& segments) : segments_(&segments) {}
  bool operator()(const Hit& a, const Hit& b) const {
    if (a.rank != b.rank) return a.rank < b.rank;
    return (*segments_)[a.segment]->id(a.row) < (*segments_)[b.segment]->id(b.row);
  }

 private:
  const SegmentList* segments_;
};

// Who may become a candidate besides being live.
struct Eligible {
  bool by_label = false;
  std::array<bool, 256> label{};
  bool by_id = false;
  std::vector<std::vector<uint64_t>> rows;  // bitmap per segment, with by_id
};

// Where the probes of a join stand in the very gallery that is searched: each pair is to be
// found once, so only rows after the probe's own count.
struct Origins {
  uint32_t segment = 0;
  const uint32_t* rows = nullptr;
};

class Sink {
 public:
  Sink(const SegmentList& segments, const Eligible& eligible, uint32_t first_probe,
       uint32_t n_probes, uint64_t limit, const Origins* origins)
      : order_(segments),
        segments_(&segments),
        eligible_(&eligible),
        first_probe_(first_probe),
        limit_(limit),
        origins_(origins),
        best_(n_probes),
        found_(n_probes, 0) {}

  void begin(uint32_t segment) {
    index_ = segment;
    segment_ = (*segments_)[segment].get();
    bitmap_ = eligible_->by_id ? eligible_->rows[segment].data() : nullptr;
  }

  bool visible(uint32_t row) const {
    if (!segment_->live(row)) return false;
    if (bitmap_ != nullptr && ((bitmap_[row >> 6] >> (row & 63)) & 1) == 0) return false;
    return !eligible_->by_label || eligible_->label[segment_->label(row)];
  }

  // A row that is visible and satisfies the policy. Keeps the best `limit` of each probe.
  void offer(uint32_t probe, uint32_t row, uint64_t rank, uint64_t detail) {
    if (origins_ != nullptr && !after_origin(probe, row)) return;
    ++found_[probe - first_probe_];
    std::vector<Hit>& best = best_[probe - first_probe_];
    const Hit hit{index_, row, rank, detail};
    if (best.size() < limit_) {
      best.push_back(hit);
      if (best.size() == limit_) std::make_heap(best.begin(), best.end(), order_);
      return;
    }
    if (limit_ == 0 || !order_(hit, best.front())) return;
    std::pop_heap(best.begin(), best.end(), order_);
    best.back() = hit;
    std::push_heap(best.begin(), best.end(), order_);
  }

  const std::vector<Hit>& best(uint32_t probe) const { return best_[probe - first_probe_]; }
  uint64_t found(uint32_t probe) const { return found_[probe - first_probe_]; }

 private:
  bool after_origin(uint32_t probe, uint32_t row) const {
    if (index_ != origins_->segment) return index_ > origins_->segment;
    return row > origins_->rows[probe];
  }

  HitOrder order_;
  const SegmentList* segments_;
  const Eligible* eligible_;
  uint32_t first_probe_;
  uint64_t limit_;
  const Origins* origins_;
  std::vector<std::vector<Hit>> best_;
  std::vector<uint64_t> found_;
  uint32_t index_ = 0;
  const Segment* segment_ = nullptr;
  const uint64_t* bitmap_ = nullptr;
};

// Prepared probes of one category under one policy. Immutable, shared between threads.
class Matcher {
 public:
  virtual ~Matcher() = default;
  virtual uint32_t probes() const = 0;
  // Rows that one task should take when `n` probes are searched together: what stays in cache.
  virtual uint32_t tile_rows(uint32_t n) const = 0;
  // Offers every visible row of [begin, end) that satisfies the policy for a probe of
  // [first_probe, last_probe): the sink counts all candidates and keeps the best.
  virtual void search(const Segment& segment, uint32_t begin, uint32_t end, uint32_t first_probe,
                      uint32_t last_probe, Sink& sink) const = 0;
};

}  // namespace prum
