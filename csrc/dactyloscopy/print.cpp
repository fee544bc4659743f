#include "dactyloscopy/print.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <tuple>
#include <utility>

#include "engine/tier.hpp"

namespace prum::dactyloscopy {

std::vector<uint16_t> canonical_order(const uint16_t* x, const uint16_t* y, const uint16_t* turn,
                                      uint32_t n) {
  std::vector<uint16_t> order(n);
  std::iota(order.begin(), order.end(), uint16_t{0});
  std::stable_sort(order.begin(), order.end(), [&](uint16_t i, uint16_t j) {
    return std::tie(y[i], x[i], turn[i]) < std::tie(y[j], x[j], turn[j]);
  });
  return order;
}

bool precedes(const StoredPrint& a, const StoredPrint& b) {
  if (a.n != b.n) return a.n < b.n;
  for (const auto& [left, right] : {std::pair{a.x, b.x}, {a.y, b.y}, {a.turn, b.turn}}) {
    const auto first = std::mismatch(left, left + a.n, right);
    if (first.first != left + a.n) return *first.first < *first.second;
  }
  return false;
}

const Oriented& Room::orient(const StoredPrint& print) {
  const uint32_t lanes = lanes_of(print.n);
  if (lanes > lanes_) {
    lanes_ = lanes;
    lines_.resize(4 * size_t{lanes});
    turns_.resize(lanes);
  }
  float* line = lines_.data();
  oriented_.x = line;
  oriented_.y = line + lanes;
  oriented_.c = line + 2 * size_t{lanes};
  oriented_.s = line + 3 * size_t{lanes};
  oriented_.turn = turns_.data();
  kernels_in_use().minutiae.orient(print, oriented_);
  return oriented_;
}

Print::Print(std::vector<uint16_t> x, std::vector<uint16_t> y, std::vector<uint16_t> turn,
             std::vector<int8_t> codes, std::vector<uint8_t> crowd)
    : x_(std::move(x)),
      y_(std::move(y)),
      turn_(std::move(turn)),
      codes_(std::move(codes)),
      crowd_(std::move(crowd)) {
  room_.orient(stored());
}

StoredPrint Print::stored() const {
  return {x_.data(), y_.data(), turn_.data(), codes_.data(), crowd_.data(), size()};
}

}  // namespace prum::dactyloscopy
