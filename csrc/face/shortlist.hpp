// Rows of a tile that may be candidates, by bounds, until they are scored.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/search/sink.hpp"
#include "face/probes.hpp"

namespace prum::face {

// Ranks are scores in descending order.
uint64_t rank_of(double score);
double score_of(uint64_t rank);

class Shortlist {
 public:
  Shortlist(const Probes& probes, const VectorPanels& panels, const float* vectors,
            double threshold, uint32_t first_probe, uint32_t last_probe, Sink& sink);

  // For each probe, the least upper bound of a row that can matter.
  const float* floors() const { return floors_.data(); }
  // Whether every probe has a floor; without one nearly all rows of a scan survive.
  bool settled() const;

  // Takes the survivors of a scan of rows up to `end`.
  void add(const std::vector<Survivors>& survivors, uint32_t end);
  // Scores the remaining rows exactly and offers them to the sink.
  void score();

 private:
  struct Pending {
    float upper;
    uint32_t row;
    uint32_t probe;
  };

  double least_score(uint32_t p) const;
  void raise_floor(uint32_t p);
  void note_lower(uint32_t p, const Pending& row);
  bool reaches(const Pending& p) const { return p.upper >= floors_[p.probe]; }

  const Probes* probes_;
  VectorPanels panels_;
  const float* vectors_;
  double threshold_;
  uint32_t first_probe_;
  Sink* sink_;
  std::vector<float> floors_;
  // Lower bounds of the best rows of this tile, the lowest in front: as many rows score at least
  // that, so it is a floor before anything is scored.
  std::vector<std::vector<float>> lowers_;
  std::vector<Pending> pending_;
};

}  // namespace prum::face
