// Search for persons by weight of agreement, among names in clear or filtered.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "engine/search/sink.hpp"
#include "police_record/linkage/levels.hpp"

namespace prum::police {

// Ranks are weights in descending order.
inline uint64_t rank_of(Weight weight) {
  return static_cast<uint64_t>(int64_t{std::numeric_limits<Weight>::max()} - weight);
}
inline Weight weight_of(uint64_t rank) {
  return static_cast<Weight>(int64_t{std::numeric_limits<Weight>::max()} -
                             static_cast<int64_t>(rank));
}

struct Pair {
  uint32_t probe;
  uint32_t row;
  Agreement agreement;
};

template <class Names>
class LinkageMatcher final : public Matcher {
 public:
  using Name = typename Rule<Names>::Name;

  // A candidate weighs `least` or more. By tokens, only persons that share one are compared. The
  // key is that of pseudonyms.
  LinkageMatcher(const Weights& weights, Weight least, Rule<Names> rule, bool by_tokens,
                 std::optional<uint64_t> key)
      : weights_(weights),
        least_(least),
        rule_(std::move(rule)),
        by_tokens_(by_tokens),
        key_(key) {}

  void add(Probe<Name> probe) { probes_.push_back(std::move(probe)); }
  void reserve(size_t n) { probes_.reserve(n); }

  uint32_t probes() const override { return static_cast<uint32_t>(probes_.size()); }
  uint32_t tile_rows(uint32_t) const override { return by_tokens_ ? UINT32_MAX : 1u << 22; }
  void search(const Segment& segment, uint32_t begin, uint32_t end, uint32_t first_probe,
              uint32_t last_probe, Sink& sink) const override;
  bool counts_all() const override { return false; }

  // All pairs with a row of the segment that weigh enough; with `after`, only rows behind that of
  // the probe.
  std::vector<Pair> pairs(const Segment& segment, const uint32_t* after) const;
  // The number of pairs with each pattern.
  std::vector<uint64_t> count_patterns(const Segment& segment, const uint32_t* after) const;

 private:
  void count(const Persons<Names>& persons, uint32_t probe, uint32_t first, uint32_t last,
             uint8_t key, std::vector<uint64_t>& counts) const;

  std::vector<Probe<Name>> probes_;
  Weights weights_;
  Weight least_;
  Rule<Names> rule_;
  bool by_tokens_;
  std::optional<uint64_t> key_;
};

}  // namespace prum::police
