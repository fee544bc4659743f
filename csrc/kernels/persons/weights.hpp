// Weights of values, summed over the fields of many persons: the data of their kernels.
//
// Every field of a person holds the number of a value. A table holds the weight of each value for
// each probe, rounded up to units so coarse that no sum exceeds 255. A sum is therefore an upper
// bound of the weight of a person.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prum {

inline constexpr uint32_t lanes_together = 16;  // probes that look at a person at once
inline constexpr uint32_t person_facts = 3;     // birth date, place of birth, the rest

// Tables have one line more than values, for numbers without a value.
struct WeightTables {
  // [name][4][lane]: weight as family name and as first name, then the weight of exchanged names if
  // this family name, or this first name, agrees with the other name of the probe.
  const uint8_t* names;
  uint32_t n_names;
  const uint8_t* facts[person_facts];  // [value][lane]
  uint32_t n_facts[person_facts];
  const uint8_t* alias;        // [lane] loss of a name that is not the person's own
  const uint8_t* floor;        // [lane] least weight of a candidate
  const uint8_t* names_floor;  // [lane] the same, less the most that facts can weigh
};

struct People {
  const uint32_t* offsets;  // [person + 1] of the names of each
  const uint32_t* names;    // [name][2]: number of the family name, of the first name
  const uint32_t* facts;    // [person][person_facts]
  uint32_t n_names;
};

inline constexpr uint32_t damaged_people = UINT32_MAX;

struct WeightKernels {
  // Persons of [begin, end) that reach the floor of a lane, with these lanes as bits. Returns their
  // number, or damaged_people where a number is out of range.
  uint32_t (*scan_one)(const People& people, const WeightTables& tables, uint32_t begin,
                       uint32_t end, uint32_t* rows, uint16_t* lanes);
  uint32_t (*scan_many)(const People& people, const WeightTables& tables, uint32_t begin,
                        uint32_t end, uint32_t* rows, uint16_t* lanes);
};

}  // namespace prum
