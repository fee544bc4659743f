#include "vehicle/edit_tables.hpp"

#include <algorithm>

namespace prum::vehicle {
namespace {

constexpr uint8_t far = Units::far;

uint8_t plus(uint8_t a, uint8_t b) {
  return static_cast<uint8_t>(std::min<uint32_t>(far, uint32_t{a} + b));
}

template <size_t n>
uint32_t least_of(const std::array<uint32_t, n>& prices) {
  return *std::min_element(prices.begin(), prices.begin() + no_symbol);
}

}  // namespace

void Prices::find_least() {
  least_deletion = least_of(deletion);
  least_added = std::min({least_of(insertion), least_of(leading), least_of(trailing)});
}

Units::Units(uint32_t most) {
  const uint64_t unit = std::max<uint64_t>(1, (uint64_t{most} + far - 2) / (far - 1));
  // Exact for all that is below 2^20, far more than sums of prices come to.
  reciprocal_ = ((uint64_t{1} << shift) + unit - 1) / unit;
  most_ = of(most);
}

ReadTable::ReadTable(const Key& key, const Prices& prices, const Units& units, bool backwards)
    : read(key.n), least_deletion(units.of(prices.least_deletion)) {
  const auto& before = backwards ? prices.trailing : prices.leading;
  const auto& behind = backwards ? prices.leading : prices.trailing;
  uint32_t sum = 0;
  leading[0] = 0;
  for (uint32_t j = 0; j < read; ++j) {
    const uint8_t symbol = key.symbols[backwards ? read - 1 - j : j];
    for (uint32_t code = 0; code < symbol_codes; ++code) {
      substitution[j].at[code] = units.of(prices.substitution[symbol][code]);
    }
    substitution[j].at[no_symbol] = far;
    insertion[j] = units.of(prices.insertion[symbol]);
    trailing[j] = units.of(behind[symbol]);
    sum += before[symbol];
    leading[j + 1] = units.of(sum);
  }
  for (uint32_t code = 0; code < symbol_codes; ++code) {
    deletion.at[code] = units.of(prices.deletion[code]);
  }
  deletion.at[no_symbol] = far;
}

LengthTable::LengthTable(const ReadTable& read, const Units& units, uint32_t symbols, Near near)
    : most_(units.most()), symbols_(symbols) {
  const uint32_t m = read.read, stride = m + 1;
  const auto at = [stride](uint32_t i, uint32_t j) { return i * stride + j; };
  // Substitutions may cost nothing: what is left to come, and what it took to get here, at least.
  std::fill_n(left_, (symbols + 1) * stride, far);
  left_[at(symbols, m)] = 0;
  for (uint32_t i = symbols + 1; i-- > 0;) {
    for (uint32_t j = m + 1; j-- > 0;) {
      uint8_t& cell = left_[at(i, j)];
      if (i < symbols) cell = std::min(cell, plus(left_[at(i + 1, j)], read.least_deletion));
      if (j == m) continue;
      if (i < symbols) cell = std::min(cell, left_[at(i + 1, j + 1)]);
      // Before the first symbol, leading prices hold; a bound need not count them.
      const uint8_t added = i == 0         ? uint8_t{0}
                            : i == symbols ? read.trailing[j]
                                           : read.insertion[j];
      cell = std::min(cell, plus(left_[at(i, j + 1)], added));
    }
  }
  // Where a beginning has to be near, more than that is too much.
  if (near.most < most_) {
    const auto rest = static_cast<uint8_t>(most_ - near.most);
    for (uint32_t i = 1; i <= near.symbols; ++i) {
      for (uint32_t j = 0; j <= m; ++j) left_[at(i, j)] = std::max(left_[at(i, j)], rest);
    }
  }
  uint8_t reach[width * width];
  std::copy_n(read.leading, stride, reach);
  for (uint32_t i = 1; i <= symbols; ++i) {
    for (uint32_t j = 0; j <= m; ++j) {
      uint8_t cell = plus(reach[at(i - 1, j)], read.least_deletion);
      if (j > 0) {
        const uint8_t added = i == symbols ? read.trailing[j - 1] : read.insertion[j - 1];
        cell = std::min({cell, reach[at(i - 1, j - 1)], plus(reach[at(i, j - 1)], added)});
      }
      reach[at(i, j)] = cell;
    }
  }
  possible_ = reach[at(symbols, m)] <= most_;
  for (uint32_t i = 0; i <= symbols; ++i) {
    uint32_t low = m, high = 0;
    for (uint32_t j = 0; j <= m; ++j) {
      if (plus(reach[at(i, j)], left_[at(i, j)]) > most_) continue;
      low = std::min(low, j);
      high = std::max(high, j);
    }
    low_[i] = static_cast<uint8_t>(low);
    high_[i] = static_cast<uint8_t>(std::max<uint32_t>(high, i > 0 ? high_[i - 1] : 0));
    possible_ = possible_ && low <= high;
  }
  for (uint32_t i = symbols; i-- > 0;) low_[i] = std::min(low_[i], low_[i + 1]);
}

EditTable LengthTable::view(const ReadTable& read) const {
  return {read.read,      symbols_,       read.substitution,
          &read.deletion, read.insertion, read.trailing,
          read.leading,   low_,           high_,
          left_,          most_};
}

}  // namespace prum::vehicle
