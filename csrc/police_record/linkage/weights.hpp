// Weights of agreement, and the pattern that it makes
// (src/prum_match/police_record/linkage/levels.py).
#pragma once

#include <cstdint>

#include "police_record/columns/facts.hpp"
#include "police_record/names/names.hpp"

namespace prum::police {

// Binary logarithms of likelihood ratios, in 1/1024.
using Weight = int32_t;

struct Weights {
  Weight family[name_levels];
  Weight first[name_levels];
  Weight exchanged;
  Weight alias;  // never above 0
  Weight date[date_levels];
  Weight place[name_levels];
  Weight country[country_levels];
  Weight nationality[country_levels];
  Weight gender[country_levels];

  Weight background(uint8_t levels) const {
    return country[levels / 9] + nationality[levels / 3 % 3] + gender[levels % 3];
  }
};

// The digits of names in a pattern are the levels of family and first name, or this number where
// the two are exchanged.
inline constexpr uint32_t exchanged_names = name_levels * name_levels;
inline constexpr uint32_t patterns = (exchanged_names + 1) * 2 * date_levels * name_levels * 27;

inline uint32_t pattern_of(uint32_t names, bool alias, uint8_t date, uint8_t place,
                           uint8_t background) {
  return (((names * 2 + alias) * date_levels + date) * name_levels + place) * background_levels +
         background;
}

}  // namespace prum::police
