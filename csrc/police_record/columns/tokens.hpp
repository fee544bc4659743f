// Tokens of persons, and the persons that share one with a probe.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/segments/segment.hpp"

namespace prum::police {

class Tokens {
 public:
  explicit Tokens(const Segment& segment) : rows_(segment.rows()) {
    if (segment.find_column("tokens.keys") == nullptr) return;  // nobody has one
    const Column& keys = segment.column("tokens.keys");
    n_ = keys.bytes / sizeof(uint32_t);
    keys_ = keys.as<uint32_t>();
    of_ = segment.column("tokens.rows", n_ * sizeof(uint32_t)).as<uint32_t>();
  }

  // Rows of [begin, end) with one of these tokens, ascending.
  std::vector<uint32_t> rows(const std::vector<uint32_t>& tokens, uint32_t begin,
                             uint32_t end) const {
    std::vector<uint32_t> out;
    for (const uint32_t token : tokens) {
      const auto [first, last] = std::equal_range(keys_, keys_ + n_, token);
      for (const uint32_t* at = of_ + (first - keys_); at < of_ + (last - keys_); ++at) {
        // An erased entry has a number beyond all rows.
        if (*at >= begin && *at < std::min(end, rows_)) out.push_back(*at);
      }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

 private:
  uint32_t rows_;
  size_t n_ = 0;
  const uint32_t* keys_ = nullptr;
  const uint32_t* of_ = nullptr;
};

}  // namespace prum::police
