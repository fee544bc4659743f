// National readings: the other keys that mean the same registration number in a state. An exact
// query looks for all of them. The same rule in Python: prum_match.vehicle.numbers.readings.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "vehicle/key_index.hpp"
#include "vehicle/register.hpp"

namespace prum::vehicle {

// A complete key, and the end of the district in it; 0 if unknown.
struct Reading {
  Key key;
  uint8_t district = 0;
};

class NationalReadings {
 public:
  // Adds a spelling of a German district with an umlaut, and its other spellings.
  void add_district(const Key& name, std::vector<Key> others);

  // Appends the other readings of a plate of plain letters and digits.
  void append(Country country, const Reading& plate, std::vector<Reading>& others) const;

 private:
  void append_german(const Reading& plate, std::vector<Reading>& others) const;

  std::unordered_map<uint32_t, std::vector<Key>> districts_;
};

}  // namespace prum::vehicle
