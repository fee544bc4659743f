// Probes of a search, coded for the scans and whole for the scores.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/face/vectors.hpp"

namespace prum::face {

class Probes {
 public:
  // Vectors that `admit` let in.
  Probes(const float* vectors, const float* mean, uint32_t n, uint32_t d);

  uint32_t count() const { return static_cast<uint32_t>(terms_.size()); }
  uint32_t dimension() const { return d_; }
  uint32_t groups() const { return groups_; }
  const float* vector(uint32_t probe) const { return vectors_.data() + size_t{probe} * d_; }
  double norm(uint32_t probe) const { return norms_[probe]; }
  // The unit of bounds: a score is divided by it before the comparison.
  double unit(uint32_t probe) const { return units_[probe]; }
  const ProbeTerms& terms(uint32_t probe) const { return terms_[probe]; }
  double mean_norm() const { return mean_norm_; }

  // Blocks of probes, with codes in the order in which a scan reads them.
  struct Arranged {
    std::vector<int8_t> codes;
    std::vector<ProbeBlock> blocks;
  };
  Arranged arrange(uint32_t first, uint32_t last) const;

 private:
  void code(const float* mean, uint32_t probe);

  uint32_t d_;
  uint32_t groups_;
  double mean_norm_ = 0;
  std::vector<float> vectors_;
  std::vector<double> norms_, units_;
  std::vector<int8_t> codes_;  // [probe][8 * groups]
  std::vector<int8_t> split_;  // [probe][2][4 * groups]
  std::vector<ProbeTerms> terms_;
};

}  // namespace prum::face
