// Details of a person that stay in clear: birth date, gender, country of birth, nationalities.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/segments/segment.hpp"

namespace prum::police {

enum DateLevel : uint8_t {
  date_missing,
  date_different,
  date_near,
  date_placeholder,
  date_swapped,
  date_same_year,
  date_same_month,
  date_exact,
};
inline constexpr uint32_t date_levels = 8;

enum CountryLevel : uint8_t { country_missing, country_different, country_same };
inline constexpr uint32_t country_levels = 3;

// (year * 13 + month) * 32 + day; an unknown part is 0.
using Date = uint32_t;
struct DateParts {
  uint32_t year, month, day;
};
inline DateParts parts_of(Date date) { return {date / 32 / 13, date / 32 % 13, date % 32}; }
uint8_t date_level(Date a, Date b);

struct Background {
  uint8_t gender = 0;    // 0: not known
  uint16_t country = 0;  // of birth, two ASCII letters; 0: not known
  std::vector<uint16_t> nationalities;
};

// Levels of country of birth, nationalities and gender as the digits of one number.
inline constexpr uint32_t background_levels = country_levels * country_levels * country_levels;

// The distinct backgrounds in a segment. In value 0, nothing is known.
class Backgrounds {
 public:
  explicit Backgrounds(const Segment& segment);
  uint32_t size() const { return n_; }
  uint8_t levels(const Background& probe, uint32_t value) const;

 private:
  uint32_t n_ = 0;
  uint64_t n_nationalities_ = 0;
  const uint8_t* genders_ = nullptr;
  const uint16_t* countries_ = nullptr;
  const uint64_t* offsets_ = nullptr;
  const uint16_t* nationalities_ = nullptr;
};

}  // namespace prum::police
