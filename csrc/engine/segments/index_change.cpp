// Deletion from an id index: entries move back into the holes, so that no trace is left.
#include <algorithm>
#include <unordered_map>

#include "engine/segments/segment.hpp"

namespace prum {
namespace {

// An index with changes that are not written yet.
class Overlay {
 public:
  Overlay(const Segment& segment, const uint32_t* index, uint32_t mask)
      : segment_(segment), index_(index), mask_(mask) {}

  void remove(uint32_t row) {
    uint32_t hole = home(row);
    for (size_t probes = 0; entry(hole) != row + 1; hole = after(hole)) {
      if (entry(hole) == 0 || probes++ == mask_) return;
    }
    uint32_t slot = after(hole);
    for (size_t probes = 0; entry(slot) != 0 && probes < mask_; ++probes, slot = after(slot)) {
      if (!may_move(slot, hole)) continue;
      changed_[hole] = entry(slot);
      hole = slot;
    }
    changed_[hole] = 0;
  }

  IndexChange changes() const {
    IndexChange change;
    for (const auto& [slot, entry] : changed_) {
      if (index_[slot] != entry) change.slots.push_back(slot);
    }
    std::sort(change.slots.begin(), change.slots.end());
    for (const uint32_t slot : change.slots) change.entries.push_back(changed_.at(slot));
    return change;
  }

 private:
  uint32_t after(uint32_t slot) const { return (slot + 1) & mask_; }
  uint32_t home(uint32_t row) const {
    return static_cast<uint32_t>(hash_id(segment_.id(row))) & mask_;
  }
  uint32_t entry(uint32_t slot) const {
    const auto found = changed_.find(slot);
    return found == changed_.end() ? index_[slot] : found->second;
  }
  // Whether the search for the entry's id passes the hole. An entry that is no row stays in place.
  bool may_move(uint32_t slot, uint32_t hole) const {
    const uint32_t row = entry(slot) - 1;
    return row < segment_.rows() && ((slot - home(row)) & mask_) >= ((slot - hole) & mask_);
  }

  const Segment& segment_;
  const uint32_t* index_;
  uint32_t mask_;
  std::unordered_map<uint32_t, uint32_t> changed_;
};

}  // namespace

IndexChange Segment::index_without(const std::vector<uint32_t>& rows) const {
  Overlay index(*this, id_index_, index_mask_);
  for (const uint32_t row : rows) index.remove(row);
  return index.changes();
}

}  // namespace prum
