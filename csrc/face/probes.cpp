#include "face/probes.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/error.hpp"
#include "engine/tier.hpp"
#include "face/admit.hpp"

namespace prum::face {
namespace {

float rounded_up(double value) {
  return std::nextafterf(static_cast<float>(value), std::numeric_limits<float>::infinity());
}

int64_t floor_half(int64_t value) { return value >> 1; }

}  // namespace

Probes::Probes(const float* vectors, const float* mean, uint32_t n, uint32_t d)
    : d_(d),
      groups_(groups_of(d)),
      vectors_(vectors, vectors + size_t{n} * d),
      norms_(n),
      units_(n),
      codes_(size_t{n} * groups_ * group_dims, 0),
      split_(codes_.size(), 0),
      terms_(n) {
  if (mean != nullptr) {
    double square = 0;
    for (uint32_t j = 0; j < d; ++j) square += static_cast<double>(mean[j]) * mean[j];
    mean_norm_ = std::sqrt(square);
  }
  for (uint32_t probe = 0; probe < n; ++probe) code(mean, probe);
}

void Probes::code(const float* mean, uint32_t probe) {
  const float* q = vector(probe);
  double square = 0, base = 0;
  for (uint32_t j = 0; j < d_; ++j) {
    square += static_cast<double>(q[j]) * q[j];
    if (mean != nullptr) base += static_cast<double>(q[j]) * mean[j];
  }
  // Rows of a damaged segment may be probes too.
  if (!std::isfinite(square)) throw_damaged();
  norms_[probe] = std::sqrt(square);
  // A power of two, so that the probe's norm is near 1 and no bound leaves the range of floats.
  const double unit = std::ldexp(1, std::ilogb(norms_[probe]));
  units_[probe] = unit;
  const double norm = norms_[probe] / unit;
  base /= unit;
  const uint32_t n = groups_ * group_dims;
  std::vector<float> rotated(n, 0);
  for (uint32_t j = 0; j < d_; ++j) rotated[j] = static_cast<float>(q[j] / unit);
  kernels_in_use().vectors.rotate(rotated.data(), n, rotation_signs());
  float largest = 0;
  for (const float x : rotated) largest = std::max(largest, std::abs(x));
  const float step = largest / 127;
  int8_t* codes = codes_.data() + size_t{probe} * n;
  double coded = 0, rest = 0;
  int64_t sum = 0, head_sum = 0;
  double head_square = 0, tail_square = 0;
  const uint32_t head = head_groups(groups_) * group_dims;
  for (uint32_t j = 0; j < n; ++j) {
    const double x = rotated[j];
    codes[j] = static_cast<int8_t>(std::clamp(std::lround(x / step), -127L, 127L));
    const double y = static_cast<double>(step) * codes[j];
    sum += codes[j];
    if (j < head) head_sum += codes[j];
    (j < head ? head_square : tail_square) += x * x;
    coded += y * y;
    rest += (x - y) * (x - y);
  }
  int8_t* split = split_.data() + size_t{probe} * groups_ * group_dims;
  for (uint32_t g = 0; g < groups_; ++g) {
    std::memcpy(split + g * 4, codes + g * 8, 4);
    std::memcpy(split + size_t{groups_} * 4 + g * 4, codes + g * 8 + 4, 4);
  }
  ProbeTerms& terms = terms_[probe];
  terms.step = step;
  terms.coarse_offset = static_cast<int32_t>(floor_half(15 * sum));
  terms.full_offset = static_cast<int32_t>(floor_half(255 * sum));
  terms.fine_offset = terms.full_offset - 16 * terms.coarse_offset;
  terms.head_offset = static_cast<int32_t>(floor_half(15 * head_sum));
  // Besides the rest of the probe: the roundings of its rotation, 28 of 2^-24 each, and of the
  // bounds themselves, some ten.
  const double slack = 0x1p-18 * norm;
  terms.norm_factor =
      rounded_up((std::sqrt(rest) + slack + 0x1p-18 * std::sqrt(coded)) * (1 + 0x1p-40));
  terms.error_factor = rounded_up(norm + slack);
  terms.head_factor = rounded_up(std::sqrt(head_square) + slack);
  terms.tail_factor = rounded_up(std::sqrt(tail_square) + slack);
  // The product with the mean may cancel, so the rounding error of its sum depends on the sizes.
  terms.base = mean == nullptr
                   ? 0
                   : rounded_up(base + 0x1p-18 * std::abs(base) + 0x1p-40 * norm * mean_norm_);
}

Probes::Arranged Probes::arrange(uint32_t first, uint32_t last) const {
  Arranged out;
  const size_t bytes = size_t{groups_} * group_dims;
  out.codes.resize((last - first) * bytes);
  int8_t* to = out.codes.data();
  for (uint32_t p0 = first; p0 < last; p0 += block_probes) {
    const uint32_t n = std::min(block_probes, last - p0);
    out.blocks.push_back({to, split_.data() + p0 * bytes, terms_.data() + p0, n});
    for (uint32_t g = 0; g < groups_; ++g) {
      for (uint32_t p = 0; p < n; ++p, to += group_dims) {
        std::memcpy(to, codes_.data() + (p0 + p) * bytes + size_t{g} * group_dims, group_dims);
      }
    }
  }
  return out;
}

}  // namespace prum::face
