// The persons of a segment, and the persons that are searched for.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/persons/weights.hpp"
#include "police_record/columns/facts.hpp"
#include "police_record/linkage/weights.hpp"
#include "police_record/names/names.hpp"

namespace prum::police {

// One name of a probe.
template <class Name>
struct ProbeName {
  Name family;
  Name first;
  bool alias = false;
  // Weights at name_exact: a rare name says more than a frequent one.
  Weight family_exact = 0;
  Weight first_exact = 0;
};

struct Facts {
  Date birth_date = 0;
  SpelledName birth_place;
  Background background;
};

template <class Name>
struct Probe {
  std::vector<ProbeName<Name>> names;
  Facts facts;
  std::vector<uint32_t> tokens;
};

// Names, dates, places and backgrounds of a segment, and those of each person.
template <class Names>
class Persons {
 public:
  explicit Persons(const Segment& segment)
      : names(segment, "names"), places(segment, "places"), backgrounds(segment) {
    const size_t rows = segment.rows();
    people.offsets =
        segment.column("entries.offsets", (rows + 1) * sizeof(uint32_t)).template as<uint32_t>();
    const Column& entries = segment.column("entries");
    people.names = entries.as<uint32_t>();
    people.n_names = static_cast<uint32_t>(entries.bytes / (2 * sizeof(uint32_t)));
    people.facts =
        segment.column("facts", rows * person_facts * sizeof(uint32_t)).template as<uint32_t>();
    const Column& date_column = segment.column("dates", sizeof(Date));
    dates = date_column.as<Date>();
    n_dates = static_cast<uint32_t>(date_column.bytes / sizeof(Date));
    if constexpr (std::is_same_v<Names, FilteredNames>) {
      entry_keys = segment.column("entries.key", people.n_names).template as<uint8_t>();
      one_key = segment.column("keys").bytes == sizeof(uint64_t);
    }
  }

  // The names of a person: [first, last).
  std::pair<uint32_t, uint32_t> names_of(uint32_t row) const {
    const uint32_t first = people.offsets[row], last = people.offsets[row + 1];
    if (first > last || last > people.n_names) throw_damaged();
    return {first, last};
  }
  Date date(uint32_t value) const {
    if (value >= n_dates) throw_damaged();
    return dates[value];
  }

  Names names;
  SpelledNames places;
  Backgrounds backgrounds;
  People people{};
  const Date* dates = nullptr;
  uint32_t n_dates = 0;
  const uint8_t* entry_keys = nullptr;  // [name]; null: names in clear
  bool one_key = true;                  // the first entry of each person is the own name
};

}  // namespace prum::police
