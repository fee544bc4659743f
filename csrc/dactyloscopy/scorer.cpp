#include "dactyloscopy/scorer.hpp"

#include <algorithm>

#include "engine/tier.hpp"

namespace prum::dactyloscopy {
namespace {

template <class T>
T* at_least(std::vector<T>& room, size_t size) {
  if (room.size() < size) room.resize(size);
  return room.data();
}

// The motion that goes the other way.
Motion reversed(const Motion& m) {
  return {m.c, -m.s, -(m.c * m.x + m.s * m.y), m.s * m.x - m.c * m.y};
}

}  // namespace

void Scorer::make_room(const Oriented& a, const Oriented& b) {
  const size_t all = size_t{a.lanes} * b.lanes, lanes = std::max(a.lanes, b.lanes);
  scratch_.products = at_least(products_, all);
  scratch_.alike = at_least(alike_, all);
  scratch_.pair = at_least(pair_, size_t{relax_arrays} * most_pairs);
  scratch_.support = at_least(support_, size_t{most_pairs} * most_pairs);
  scratch_.moved = at_least(moved_, 4 * lanes);
  scratch_.cost = at_least(cost_, 3 * lanes);
  scratch_.mate = at_least(mate_, 2 * lanes);
  scratch_.found = at_least(found_, lanes);
  scratch_.edge = at_least(edge_, 7 * lanes);
  scratch_.panel = at_least(panel_, size_t{lane_block} * code_bytes);
}

bool Scorer::compare_in_order(const StoredPrint& a, const Oriented& oriented_a,
                              const StoredPrint& b, const Oriented& oriented_b, PairScore& out) {
  const bool swapped = precedes(b, a);
  const Oriented& first = swapped ? oriented_b : oriented_a;
  const Oriented& second = swapped ? oriented_a : oriented_b;
  make_room(first, second);
  kernels_in_use().minutiae.score(first, second, scratch_, out);
  return swapped;
}

PairScore Scorer::score(const Print& probe, const StoredPrint& reference) {
  PairScore out;
  if (compare_in_order(probe.stored(), probe.oriented(), reference, room_.orient(reference), out)) {
    std::swap(out.overlap_a, out.overlap_b);
  }
  return out;
}

Comparison Scorer::compare(const Print& a, const Print& b) {
  Comparison out;
  const bool swapped =
      compare_in_order(a.stored(), a.oriented(), b.stored(), b.oriented(), out.found);
  const uint32_t rows = swapped ? b.size() : a.size();
  for (uint32_t i = 0; i < rows; ++i) {
    const uint32_t j = scratch_.found[i];
    if (j == no_mate) continue;
    out.pairs.emplace_back(swapped ? j : i, swapped ? i : j);
  }
  std::sort(out.pairs.begin(), out.pairs.end());
  if (swapped) {
    std::swap(out.found.overlap_a, out.found.overlap_b);
    out.found.motion = reversed(out.found.motion);
  }
  return out;
}

}  // namespace prum::dactyloscopy
