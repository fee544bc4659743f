#include "face/shortlist.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "engine/error.hpp"
#include "engine/tier.hpp"
#include "engine/watch.hpp"

namespace prum::face {
namespace {

constexpr uint64_t sign = uint64_t{1} << 63;
// Scored before the tile is through: 12 MB a worker.
constexpr size_t most_pending = size_t{1} << 20;

// As a float that is not above it.
float float_below(double value) {
  constexpr double most = std::numeric_limits<float>::max();
  const auto near = static_cast<float>(std::clamp(value, -most, most));
  return near > value ? std::nextafter(near, -std::numeric_limits<float>::infinity()) : near;
}

void fetch(const float* vector, uint32_t d) {
  for (uint32_t j = 0; j < d; j += 16) __builtin_prefetch(vector + j);
}

}  // namespace

uint64_t rank_of(double score) {
  const auto bits = std::bit_cast<uint64_t>(score);
  return (bits & sign) != 0 ? bits : ~(bits | sign);
}

double score_of(uint64_t rank) {
  return std::bit_cast<double>((rank & sign) != 0 ? rank : ~rank & ~sign);
}

Shortlist::Shortlist(const Probes& probes, const VectorPanels& panels, const float* vectors,
                     double threshold, uint32_t first_probe, uint32_t last_probe, Sink& sink)
    : probes_(&probes),
      panels_(panels),
      vectors_(vectors),
      threshold_(threshold),
      first_probe_(first_probe),
      sink_(&sink),
      floors_(last_probe - first_probe, -std::numeric_limits<float>::max()),
      lowers_(last_probe - first_probe) {
  for (uint32_t p = 0; p < floors_.size(); ++p) raise_floor(p);
}

bool Shortlist::settled() const {
  return !sink_->may_cut() || std::all_of(floors_.begin(), floors_.end(), [](float floor) {
    return floor > -std::numeric_limits<float>::max();
  });
}

double Shortlist::least_score(uint32_t p) const {
  const uint64_t cut = sink_->cut(first_probe_ + p);
  return cut == UINT64_MAX ? threshold_ : std::max(threshold_, score_of(cut));
}

void Shortlist::raise_floor(uint32_t p) {
  const double least = least_score(p) / probes_->unit(first_probe_ + p);
  floors_[p] = std::max(floors_[p], float_below(least));
}

void Shortlist::note_lower(uint32_t p, const Pending& row) {
  const ProbeTerms& terms = probes_->terms(first_probe_ + p);
  const float* fine = panels_.fine + size_t{row.row} * 4;
  const float step = fine[3] * terms.step;
  // As far below the estimate as the upper bound is above it; the unit is what an offset may have
  // added, and the factors of the terms leave room for these roundings too.
  const float lower = row.upper - 2 * (fine[0] * terms.error_factor + fine[1] * terms.norm_factor) -
                      0x1p-16f * std::abs(terms.base) - step;
  std::vector<float>& lowers = lowers_[p];
  const uint64_t wanted = sink_->rows_of_cut();
  lowers.push_back(lower);
  std::push_heap(lowers.begin(), lowers.end(), std::greater<>());
  if (lowers.size() < wanted) return;
  if (lowers.size() > wanted) {
    std::pop_heap(lowers.begin(), lowers.end(), std::greater<>());
    lowers.pop_back();
  }
  floors_[p] = std::max(floors_[p], lowers.front());
}

void Shortlist::add(const std::vector<Survivors>& survivors, uint32_t end) {
  const bool by_lowers = sink_->rows_of_cut() != UINT64_MAX;
  for (uint32_t p = 0; p < survivors.size(); ++p) {
    for (uint32_t i = 0; i < survivors[p].n; ++i) {
      const Pending row{survivors[p].upper[i], survivors[p].rows[i], p};
      if (!reaches(row) || row.row >= end || !sink_->visible(row.row)) continue;
      pending_.push_back(row);
      if (by_lowers) note_lower(p, row);
    }
  }
  // Where images are fused, only scores make a floor.
  const bool waits = by_lowers || !sink_->may_cut();
  if (!waits || pending_.size() > most_pending) score();
}

void Shortlist::score() {
  const VectorKernels& kernels = kernels_in_use().vectors;
  const uint32_t d = probes_->dimension();
  std::erase_if(pending_, [&](const Pending& p) { return !reaches(p); });
  // The likeliest of a probe first: they raise the floor for the rest.
  std::sort(pending_.begin(), pending_.end(), [](const Pending& a, const Pending& b) {
    return a.probe != b.probe ? a.probe < b.probe : a.upper > b.upper;
  });
  constexpr size_t ahead = 8;
  Pulse<64> pulse;
  for (size_t i = 0; i < pending_.size() + ahead; ++i) {
    if (i < pending_.size() && reaches(pending_[i])) {
      fetch(vectors_ + size_t{pending_[i].row} * d, d);
    }
    if (i < ahead || !reaches(pending_[i - ahead])) continue;
    pulse();
    const auto [upper, row, p] = pending_[i - ahead];
    const uint32_t probe = first_probe_ + p;
    const float* vector = vectors_ + size_t{row} * d;
    // An exact sum has room for finite numbers alone.
    if (!std::isfinite(kernels.square_norm(vector, d))) throw_damaged();
    const float* fine = panels_.fine + size_t{row} * 4;
    const double norm = static_cast<double>(fine[0]) + fine[1] + probes_->mean_norm();
    const double score =
        kernels.exact_dot(probes_->vector(probe), vector, d, norm * probes_->norm(probe));
    if (!(score >= least_score(p))) continue;
    sink_->offer(probe, row, rank_of(score), 0);
    raise_floor(p);
  }
  pending_.clear();
}

}  // namespace prum::face
