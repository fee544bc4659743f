#include "vehicle/edit_tables.hpp"

#include <algorithm>
#include <cstdint>

namespace prum::vehicle {
namespace {

constexpr uint8_t far = Units::far;

uint8_t cell(uint32_t units) { return static_cast<uint8_t>(std::min<uint32_t>(far, units)); }

uint8_t least_of(const uint8_t* prices, uint32_t n) {
  return n == 0 ? far : *std::min_element(prices, prices + n);
}

}  // namespace

Units::Units(uint32_t most) {
  const uint64_t unit = std::max<uint64_t>(1, (uint64_t{most} + far - 2) / (far - 1));
  // Exact below 2^20, far above any sum of prices.
  reciprocal_ = ((uint64_t{1} << shift) + unit - 1) / unit;
  most_ = of(most);
}

ReadTable::ReadTable(const Key& key, const Prices& prices, const Units& units) : read(key.n) {
  for (uint32_t j = 0; j < read; ++j) {
    const uint8_t symbol = key.symbols[j];
    for (uint32_t code = 0; code < symbol_codes; ++code) {
      substitution[j].at[code] = units.of(prices.substitution[symbol][code]);
    }
    substitution[j].at[no_symbol] = far;
    insertion[j] = units.of(prices.insertion[symbol]);
    before[j] = units.of(prices.leading[symbol]);
    trailing[j] = units.of(prices.trailing[symbol]);
  }
  for (uint32_t code = 0; code < symbol_codes; ++code) {
    deletion.at[code] = units.of(prices.deletion[code]);
  }
  deletion.at[no_symbol] = far;
  least_deletion = least_of(deletion.at, no_symbol - 1);
  sum_up();
}

ReadTable ReadTable::reversed() const {
  ReadTable out;
  out.read = read;
  std::reverse_copy(substitution, substitution + read, out.substitution);
  out.deletion = deletion;
  out.least_deletion = least_deletion;
  std::reverse_copy(insertion, insertion + read, out.insertion);
  std::reverse_copy(before, before + read, out.trailing);
  std::reverse_copy(trailing, trailing + read, out.before);
  out.sum_up();
  return out;
}

void ReadTable::sum_up() {
  leading[0] = 0;
  for (uint32_t j = 0; j < read; ++j) leading[j + 1] = cell(uint32_t{leading[j]} + before[j]);
  const uint8_t inside = least_of(insertion, read);
  least_before = std::min(inside, least_of(before, read));
  least_behind = std::min(inside, least_of(trailing, read));
}

LengthTable::LengthTable(const ReadTable& read, const Units& units, uint32_t symbols, Near near)
    : symbols_(symbols), near_(near.symbols), most_(units.most()) {
  const auto length = static_cast<int32_t>(symbols), m = static_cast<int32_t>(read.read);
  const int32_t end = m - length;
  const auto times = [](int32_t steps, uint8_t price) {
    return static_cast<uint32_t>(std::max(steps, 0)) * price;
  };
  // Most cost behind a near beginning.
  const auto rest = static_cast<uint8_t>(near.most < most_ ? most_ - near.most : 0);
  for (int32_t d = -length; d <= m; ++d) {
    const uint32_t there = times(d, read.least_before) + times(-d, read.least_deletion);
    const uint32_t back = times(end - d, read.least_behind) + times(d - end, read.least_deletion);
    left_[d + length] = cell(back);
    near_left_[d + length] = std::max(left_[d + length], rest);
    if (there + back > most_) continue;
    lowest_ = std::min(lowest_, d);
    highest_ = std::max(highest_, d);
  }
}

EditTable LengthTable::view(const ReadTable& read, bool near) const {
  return {read.read,      symbols_,      read.substitution, &read.deletion,
          read.insertion, read.trailing, read.leading,      lowest_,
          highest_,       left_,         near_left_,        near ? near_ : 0,
          most_};
}

}  // namespace prum::vehicle
