// What a state takes for the same registration number: the other keys that an exact query looks
// for. The same rule in Python: prum_match.vehicle.readings.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "vehicle/key_index.hpp"
#include "vehicle/register.hpp"

namespace prum::vehicle {

// A complete key, and where a plate's district ends in it; 0: not known.
struct Reading {
  Key key;
  uint8_t district = 0;
};

class NationalReadings {
 public:
  // A way to write a German district with an umlaut, and the other ways.
  void add_district(const Key& name, std::vector<Key> others);

  // Appends the other readings of a plate of plain letters and digits.
  void append(Country country, const Reading& plate, std::vector<Reading>& others) const;

 private:
  void append_german(const Reading& plate, std::vector<Reading>& others) const;

  std::unordered_map<uint32_t, std::vector<Key>> districts_;
};

}  // namespace prum::vehicle
