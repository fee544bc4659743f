// Search of one segment of embeddings: bounds first, exact scores for the remaining rows.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "engine/search/sink.hpp"
#include "face/probes.hpp"

namespace prum::face {

class FaceMatcher final : public Matcher {
 public:
  // A candidate scores at least the threshold, if there is one.
  FaceMatcher(Probes probes, std::optional<double> threshold)
      : probes_(std::move(probes)),
        threshold_(threshold.value_or(-std::numeric_limits<double>::infinity())) {}

  uint32_t probes() const override { return probes_.count(); }
  uint32_t tile_rows(uint32_t) const override { return 65536; }
  void search(const Segment& segment, uint32_t begin, uint32_t end, uint32_t first_probe,
              uint32_t last_probe, Sink& sink) const override;
  bool counts_all() const override { return false; }

 private:
  Probes probes_;
  double threshold_;
};

}  // namespace prum::face
