// The comparison score of pairs of prints.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "dactyloscopy/print.hpp"

namespace prum::dactyloscopy {

// A score and all that it rests on, seen from the first print.
struct Comparison {
  PairScore found;
  std::vector<std::pair<uint32_t, uint32_t>> pairs;
};

// Compares prints one after the other; each thread has its own.
class Scorer {
 public:
  // Overlaps as seen from the probe.
  PairScore score(const Print& probe, const StoredPrint& reference);
  Comparison compare(const Print& a, const Print& b);

 private:
  // Compares in the order that the prints themselves give. Tells whether it was the other one.
  bool compare_in_order(const StoredPrint& a, const Oriented& oriented_a, const StoredPrint& b,
                        const Oriented& oriented_b, PairScore& out);
  void make_room(const Oriented& a, const Oriented& b);

  PairScratch scratch_{};
  Room room_;
  std::vector<int16_t> products_;
  std::vector<uint32_t> alike_;
  std::vector<float> pair_, support_, moved_, edge_;
  std::vector<int32_t> cost_;
  std::vector<uint32_t> mate_, found_;
  std::vector<int8_t> panel_;
};

}  // namespace prum::dactyloscopy
