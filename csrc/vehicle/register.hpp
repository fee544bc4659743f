// What a segment says of its registrations besides their keys: state, district, interval.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/segment.hpp"
#include "engine/sink.hpp"

namespace prum::vehicle {

// Two letters, the first one in the low byte; 0 for any country.
using Country = uint16_t;

// Moments in seconds since 1970 UTC. An interval holds its begin and not its end.
inline constexpr int64_t unknown_begin = INT64_MIN;
inline constexpr int64_t open_end = INT64_MAX;

struct Register {
  explicit Register(const Segment& segment) {
    const size_t rows = segment.rows();
    place_ = segment.column("place", rows * sizeof(uint32_t)).as<uint32_t>();
    valid_ = segment.column("valid", rows * sizeof(Interval)).as<Interval>();
  }

  struct Interval {
    int64_t from;
    int64_t to;
  };
  const Interval& interval(uint32_t row) const { return valid_[row]; }
  Country country(uint32_t row) const { return static_cast<Country>(place_[row]); }
  // Symbols of a plate before its district ends; 0 where that is not known.
  uint8_t district(uint32_t row) const { return static_cast<uint8_t>(place_[row] >> 16); }
  bool valid(uint32_t row, int64_t at) const {
    return valid_[row].from <= at && at < valid_[row].to;
  }
  void expect(uint32_t row) const {
    __builtin_prefetch(&place_[row]);
    __builtin_prefetch(&valid_[row]);
  }

 private:
  const uint32_t* place_;
  const Interval* valid_;
};

// Which registrations a search at home looks at.
struct Scope {
  std::vector<Country> countries;  // empty: all
  bool dated = false;
  int64_t at = 0;

  bool holds(const Register& of, uint32_t row) const {
    if (dated && !of.valid(row, at)) return false;
    return countries.empty() ||
           std::find(countries.begin(), countries.end(), of.country(row)) != countries.end();
  }
};

// Grade and cost in one number, and back; candidates are ordered by it.
inline constexpr uint64_t rank_of(uint32_t grade, uint32_t cost) {
  return uint64_t{grade} << 32 | cost;
}

}  // namespace prum::vehicle
