// Search of one segment of prints.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "dactyloscopy/print.hpp"
#include "engine/search/sink.hpp"

namespace prum::dactyloscopy {

// A probe, and which places of references it is compared with.
struct Probe {
  std::shared_ptr<const Print> print;
  std::array<bool, 256> places;
};

// Prints of a segment: their minutiae lie one after the other, those without a direction last.
class PrintColumns {
 public:
  explicit PrintColumns(const Segment& segment);
  // Those minutiae of a row that are compared.
  StoredPrint at(uint32_t row) const;
  uint8_t place(uint32_t row) const { return places_[row]; }

 private:
  const uint64_t* offsets_;
  const uint16_t* x_;
  const uint16_t* y_;
  const uint16_t* turn_;
  const int8_t* codes_;
  const uint8_t* crowd_;
  const uint16_t* compared_;
  const uint8_t* places_;
  uint64_t total_;
};

class PrintMatcher final : public Matcher {
 public:
  // A candidate scores more than 0, and at least the threshold; with `all`, any score will do.
  PrintMatcher(std::vector<Probe> probes, double threshold, double keep, bool all)
      : probes_(std::move(probes)), threshold_(threshold), keep_(keep), all_(all) {}

  uint32_t probes() const override { return static_cast<uint32_t>(probes_.size()); }
  uint32_t tile_rows(uint32_t n) const override;
  void search(const Segment& segment, uint32_t begin, uint32_t end, uint32_t first_probe,
              uint32_t last_probe, Sink& sink) const override;
  bool counts_all() const override { return false; }
  double kept_share() const override { return keep_; }
  void scan(const Segment& segment, uint32_t begin, uint32_t end, uint32_t probe, const Sink& sink,
            uint32_t* out) const override;

 private:
  std::vector<Probe> probes_;
  double threshold_;
  double keep_;
  bool all_;
};

// Ranks order scores, the greater first.
uint64_t rank_of(float score);
float score_of(uint64_t rank);

}  // namespace prum::dactyloscopy
