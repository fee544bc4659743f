// The registrations of a segment, apart from their keys: state, district, interval.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/search/sink.hpp"
#include "engine/segments/segment.hpp"

namespace prum::vehicle {

// Two letters of five bits, the first one in the lowest; 0 for any country.
using Country = uint16_t;
inline constexpr uint32_t country_bits = 10;
constexpr Country country_of(char first, char second) {
  return static_cast<Country>((first - 'A' + 1) | (second - 'A' + 1) << 5);
}
// Above a country in 16 bits: symbols of a plate before its district ends; 0: not known.
using Place = uint16_t;

constexpr Country country_in(Place place) { return place & ((1 << country_bits) - 1); }
constexpr uint8_t district_in(Place place) { return static_cast<uint8_t>(place >> country_bits); }

// Moments in seconds since 1970 UTC. An interval holds its begin and not its end.
inline constexpr int64_t unknown_begin = INT64_MIN;
inline constexpr int64_t open_end = INT64_MAX;

struct Register {
  explicit Register(const Segment& segment) {
    const size_t rows = segment.rows();
    place_ = segment.column("place", rows * sizeof(Place)).as<Place>();
    valid_ = segment.column("valid", rows * sizeof(Interval)).as<Interval>();
  }

  struct Interval {
    int64_t from;
    int64_t to;
  };
  const Interval& interval(uint32_t row) const { return valid_[row]; }
  Country country(uint32_t row) const { return country_in(place_[row]); }
  uint8_t district(uint32_t row) const { return district_in(place_[row]); }
  bool valid(uint32_t row, int64_t at) const {
    return valid_[row].from <= at && at < valid_[row].to;
  }
  void expect(uint32_t row) const {
    __builtin_prefetch(&place_[row]);
    __builtin_prefetch(&valid_[row]);
  }

 private:
  const Place* place_;
  const Interval* valid_;
};

// The registrations that a domestic search looks at.
struct Scope {
  std::vector<Country> countries;  // empty: all
  bool dated = false;
  int64_t at = 0;

  bool holds_state(const Register& of, uint32_t row) const {
    return countries.empty() ||
           std::find(countries.begin(), countries.end(), of.country(row)) != countries.end();
  }
  bool holds_time(const Register& of, uint32_t row) const { return !dated || of.valid(row, at); }
};

// Grade and cost in one number; candidates are ordered by it.
inline constexpr uint64_t rank_of(uint32_t grade, uint32_t cost) {
  return uint64_t{grade} << 32 | cost;
}

}  // namespace prum::vehicle
