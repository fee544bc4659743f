#include "engine/search/pairs.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "engine/search/pass.hpp"
#include "engine/watch.hpp"

namespace prum {
namespace {

// Numbers the rows of pairs. Each row is looked at once, so that either all of its pairs stay or,
// if it was erased, none.
class References {
 public:
  References(Pairs& out) : out_(&out) {
    for (const auto& segment : out.segments) numbers_.emplace_back(segment->rows(), unseen);
  }

  std::optional<uint32_t> number(const Hit& hit) {
    uint32_t& number = numbers_[hit.segment][hit.row];
    if (number == unseen) number = admit(hit);
    if (number == erased) return std::nullopt;
    return number;
  }

 private:
  static constexpr uint32_t unseen = UINT32_MAX, erased = UINT32_MAX - 1;

  uint32_t admit(const Hit& hit) {
    const Segment& segment = *out_->segments[hit.segment];
    // Copied before the row is found live: the copy is then the id of this row.
    const std::string subject(segment.subject(hit.row));
    auto id = segment.live_id(hit.row);
    if (!id) return erased;
    const uint32_t owner = subject.empty() ? add_owner({*id, true}) : owner_of(subject);
    out_->references.push_back({hit.segment, hit.row, owner, std::move(*id)});
    return static_cast<uint32_t>(out_->references.size()) - 1;
  }

  uint32_t owner_of(const std::string& subject) {
    const auto known = subjects_.find(subject);
    if (known != subjects_.end()) return known->second;
    return subjects_[subject] = add_owner({subject, false});
  }

  uint32_t add_owner(Owner owner) {
    out_->owners.push_back(std::move(owner));
    return static_cast<uint32_t>(out_->owners.size()) - 1;
  }

  Pairs* out_;
  std::vector<std::vector<uint32_t>> numbers_;
  std::unordered_map<std::string, uint32_t> subjects_;
};

}  // namespace

Pairs pairs_of(const Pass& pass, const SegmentList& segments, uint32_t probes) {
  Pairs out;
  out.segments = segments;
  out.examined = pass.examined();
  References references(out);
  Pulse<256> pulse;
  for (uint32_t probe = 0; probe < probes; ++probe) {
    std::vector<Hit> hits;
    for (const Sink& sink : pass.sinks()) sink.best(probe).append_to(hits);
    for (const Hit& hit : hits) {
      pulse();
      if (const auto number = references.number(hit)) {
        out.pairs.push_back({probe, *number, hit.rank, hit.detail});
      }
    }
  }
  return out;
}

bool Pairs::all_live() const {
  return std::all_of(references.begin(), references.end(), [&](const Reference& reference) {
    return segments[reference.segment]->live(reference.row);
  });
}

}  // namespace prum
