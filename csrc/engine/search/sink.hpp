// The sink of a matcher: visibility of rows, and the best hits of every probe.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/segments/segment.hpp"

namespace prum {

using SegmentList = std::vector<std::shared_ptr<Segment>>;

// A candidate. `rank` orders candidates, smaller is better; ties end in the reference id.
// `detail` are 64 bits of the category that explain the rank.
struct Hit {
  uint32_t segment;
  uint32_t row;
  uint64_t rank;
  uint64_t detail;
};

// The total order of candidates. It ignores the layout, so every segmentation has the same order.
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

// The conditions for a candidate, besides being live.
struct Eligible {
  bool by_label = false;
  std::array<bool, 256> label{};
  bool by_row = false;
  std::vector<std::vector<uint64_t>> rows;  // bitmap per segment, with by_row
};

// Where the probes of a join stand in the very gallery that is searched: each pair is to be
// found once, so only rows after the probe's own count.
struct Origins {
  uint32_t segment = 0;
  const uint32_t* rows = nullptr;
};

// The length of a list, and its entries.
struct ListRule {
  uint64_t limit = UINT64_MAX;
  bool fuse = false;   // the best reference of a subject stands for all of them
  bool count = false;  // candidates beyond the limit are to be counted too
};

// For each probe, the worst rank that can still matter. Anything worse stands behind `limit`
// candidates of the list and behind the one more that shows the list to be cut. All workers of a
// search share it.
class Cuts {
 public:
  Cuts(uint32_t first_probe, uint32_t n_probes) : first_(first_probe), ranks_(n_probes) {
    for (auto& rank : ranks_) rank.store(UINT64_MAX, std::memory_order_relaxed);
  }
  uint64_t at(uint32_t probe) const {
    return ranks_[probe - first_].load(std::memory_order_relaxed);
  }
  void lower(uint32_t probe, uint64_t rank) {
    std::atomic<uint64_t>& cut = ranks_[probe - first_];
    uint64_t known = cut.load(std::memory_order_relaxed);
    while (rank < known && !cut.compare_exchange_weak(known, rank, std::memory_order_relaxed)) {
    }
  }

 private:
  uint32_t first_;
  std::vector<std::atomic<uint64_t>> ranks_;
};

// The best hits of one probe where the best reference of a subject stands for all of them.
class FusedHits {
 public:
  FusedHits(const HitOrder& order, const SegmentList& segments)
      : order_(order), segments_(&segments), hits_(Order{order}) {}

  void add(const Hit& hit, uint64_t capacity) {
    const std::string_view subject = (*segments_)[hit.segment]->subject(hit.row);
    // A reference without a known subject stands alone.
    if (!subject.empty()) {
      const auto known = by_subject_.find(subject);
      if (known != by_subject_.end()) {
        if (!order_(hit, known->second->hit)) return;
        drop(known->second);
      }
    }
    const auto place = hits_.insert({hit, std::string(subject)}).first;
    if (!place->subject.empty()) by_subject_.emplace(place->subject, place);
    if (hits_.size() > capacity) drop(std::prev(hits_.end()));
  }

  size_t size() const { return hits_.size(); }
  uint64_t worst() const { return std::prev(hits_.end())->hit.rank; }
  void append_to(std::vector<Hit>& hits) const {
    for (const Fused& fused : hits_) hits.push_back(fused.hit);
  }

 private:
  // With a copy of the subject: another process may overwrite the segment.
  struct Fused {
    Hit hit;
    std::string subject;
  };
  struct Order {
    HitOrder order;
    bool operator()(const Fused& a, const Fused& b) const { return order(a.hit, b.hit); }
  };
  using Ordered = std::set<Fused, Order>;

  void drop(Ordered::iterator place) {
    by_subject_.erase(place->subject);
    hits_.erase(place);
  }

  HitOrder order_;
  const SegmentList* segments_;
  Ordered hits_;
  std::unordered_map<std::string_view, Ordered::iterator> by_subject_;
};

// The best hits of one probe, one more than the limit: the additional one shows a list to be cut.
class BestHits {
 public:
  BestHits(const HitOrder& order, const SegmentList& segments, uint64_t capacity, bool fuse)
      : order_(order), capacity_(capacity) {
    if (fuse) fused_ = std::make_unique<FusedHits>(order, segments);
  }

  void add(const Hit& hit) {
    if (fused_) return fused_->add(hit, capacity_);
    if (heap_.size() < capacity_) {
      heap_.push_back(hit);
      if (heap_.size() == capacity_) std::make_heap(heap_.begin(), heap_.end(), order_);
      return;
    }
    if (!order_(hit, heap_.front())) return;
    std::pop_heap(heap_.begin(), heap_.end(), order_);
    heap_.back() = hit;
    std::push_heap(heap_.begin(), heap_.end(), order_);
  }

  // The worst rank that is kept, if nothing worse could be: the list is as long as it may be.
  uint64_t worst() const {
    if (fused_) return fused_->size() < capacity_ ? UINT64_MAX : fused_->worst();
    return heap_.size() < capacity_ ? UINT64_MAX : heap_.front().rank;
  }

  void append_to(std::vector<Hit>& hits) const {
    hits.insert(hits.end(), heap_.begin(), heap_.end());
    if (fused_) fused_->append_to(hits);
  }
  // Some hit, if there is one. For short lists it stands for all rows that have to be prefetched.
  const Hit* any() const { return heap_.empty() ? nullptr : &heap_.front(); }

 private:
  HitOrder order_;
  uint64_t capacity_;
  std::vector<Hit> heap_;
  std::unique_ptr<FusedHits> fused_;
};

class Sink {
 public:
  Sink(const SegmentList& segments, const Eligible& eligible, uint32_t first_probe,
       uint32_t n_probes, const ListRule& rule, Cuts& cuts, const Origins* origins)
      : segments_(&segments),
        eligible_(&eligible),
        first_probe_(first_probe),
        cuts_(&cuts),
        limit_(rule.limit),
        fuse_(rule.fuse),
        may_cut_(rule.limit != UINT64_MAX && !rule.count),
        origins_(origins),
        found_(n_probes, 0),
        remarks_(n_probes, 0) {
    // A subject that was dropped would be counted anew with its next image.
    const bool keep_all = rule.limit == UINT64_MAX || (rule.fuse && rule.count);
    best_.reserve(n_probes);
    for (uint32_t i = 0; i < n_probes; ++i) {
      best_.emplace_back(HitOrder(segments), segments, keep_all ? UINT64_MAX : rule.limit + 1,
                         rule.fuse);
    }
  }

  void begin(uint32_t segment) {
    index_ = segment;
    segment_ = (*segments_)[segment].get();
    bitmap_ = eligible_->by_row ? eligible_->rows[segment].data() : nullptr;
  }

  bool visible(uint32_t row) const {
    if (!segment_->live(row)) return false;
    if (bitmap_ != nullptr && ((bitmap_[row >> 6] >> (row & 63)) & 1) == 0) return false;
    return !eligible_->by_label || eligible_->label[segment_->label(row)];
  }

  // Rows of the segment that are worth a full comparison with a probe; null: all.
  void shorten(const uint64_t* const* shortlists) { shortlists_ = shortlists; }
  bool shortlisted(uint32_t probe, uint32_t row) const {
    if (shortlists_ == nullptr) return true;
    return (shortlists_[probe - first_probe_][row >> 6] >> (row & 63)) & 1;
  }

  // Rows that rank worse than this need not be offered.
  uint64_t cut(uint32_t probe) const { return may_cut_ ? cuts_->at(probe) : UINT64_MAX; }
  // Whether there will be a cut once enough rows were offered.
  bool may_cut() const { return may_cut_; }
  // The number of better rows, of any subjects, that makes a cut; UINT64_MAX where subjects matter.
  uint64_t rows_of_cut() const { return may_cut_ && !fuse_ ? limit_ + 1 : UINT64_MAX; }

  // A row that is visible and satisfies the policy.
  void offer(uint32_t probe, uint32_t row, uint64_t rank, uint64_t detail) {
    if (origins_ != nullptr && !after_origin(probe, row)) return;
    const uint32_t i = probe - first_probe_;
    ++found_[i];
    best_[i].add({index_, row, rank, detail});
    if (may_cut_) {
      const uint64_t worst = best_[i].worst();
      if (worst != UINT64_MAX) cuts_->lower(probe, worst);
    }
  }

  // Bits of the category about a probe as a whole.
  void remark(uint32_t probe, uint64_t bits) { remarks_[probe - first_probe_] |= bits; }

  const BestHits& best(uint32_t probe) const { return best_[probe - first_probe_]; }
  uint64_t found(uint32_t probe) const { return found_[probe - first_probe_]; }
  uint64_t remarks(uint32_t probe) const { return remarks_[probe - first_probe_]; }

 private:
  bool after_origin(uint32_t probe, uint32_t row) const {
    if (index_ != origins_->segment) return index_ > origins_->segment;
    return row > origins_->rows[probe];
  }

  const SegmentList* segments_;
  const Eligible* eligible_;
  uint32_t first_probe_;
  Cuts* cuts_;
  uint64_t limit_;
  bool fuse_;
  bool may_cut_;
  const Origins* origins_;
  std::vector<BestHits> best_;
  std::vector<uint64_t> found_;
  std::vector<uint64_t> remarks_;
  uint32_t index_ = 0;
  const Segment* segment_ = nullptr;
  const uint64_t* bitmap_ = nullptr;
  const uint64_t* const* shortlists_ = nullptr;
};

// Prepared probes of one category under one policy. Immutable, shared between threads.
class Matcher {
 public:
  virtual ~Matcher() = default;
  virtual uint32_t probes() const = 0;
  // Rows of one task when `n` probes are searched together: as many as stay in cache.
  virtual uint32_t tile_rows(uint32_t n) const = 0;
  // Offers every visible row of [begin, end) that satisfies the policy for a probe of
  // [first_probe, last_probe), except rows behind the sink's cut.
  virtual void search(const Segment& segment, uint32_t begin, uint32_t end, uint32_t first_probe,
                      uint32_t last_probe, Sink& sink) const = 0;
  // Whether rows behind the cut are offered all the same, so that the sink's counts are exact.
  virtual bool counts_all() const { return true; }

  // The share of rows that are compared in full. Below 1 the matcher is approximate by its rule:
  // it looks at all rows in passing first, and compares those that `Sink::shortlisted` names.
  virtual double kept_share() const { return 1; }
  // Writes out[row], from 1 up, for every visible row of [begin, end) that is to be compared.
  virtual void scan(const Segment&, uint32_t /*begin*/, uint32_t /*end*/, uint32_t /*probe*/,
                    const Sink&, uint32_t* /*out*/) const {}
};

}  // namespace prum
