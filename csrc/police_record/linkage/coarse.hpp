// Coarse weights of the values of a segment, for up to 16 names of probes side by side.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "kernels/persons/weights.hpp"
#include "police_record/linkage/levels.hpp"

namespace prum::police {

// Weights of each level of a field for one name of a probe, in coarse units above the least.
class CoarseWeights {
 public:
  template <class Name>
  CoarseWeights(const Weights& weights, const ProbeName<Name>& name, bool with_aliases) : unit_(1) {
    Weight family[name_levels], first[name_levels];
    std::copy_n(weights.family, name_levels, family);
    std::copy_n(weights.first, name_levels, first);
    family[name_exact] = name.family_exact;
    first[name_exact] = name.first_exact;
    std::vector<Weight> rest(background_levels);
    for (uint8_t b = 0; b < background_levels; ++b) rest[b] = weights.background(b);

    base_ = name.alias ? weights.alias : 0;
    Weight range = 0;
    const auto measure = [&](const Weight* begin, size_t n) {
      const auto [low, high] = std::minmax_element(begin, begin + n);
      base_ += *low;
      range += *high - *low;
      return *low;
    };
    const Weight family_base = measure(family, name_levels);
    const Weight first_base = measure(first, name_levels);
    const Weight exchanged = weights.exchanged - family_base - first_base;
    range = std::max(range, exchanged);
    const Weight date_base = measure(weights.date, date_levels);
    const Weight place_base = measure(weights.place, name_levels);
    const Weight rest_base = measure(rest.data(), rest.size());
    // Five weights are added and each is rounded up, so 255 leaves room for five units.
    unit_ = std::max<Weight>(1, (range + 249) / 250);

    fill(family_, family, name_levels, family_base);
    fill(first_, first, name_levels, first_base);
    fill(date_, weights.date, date_levels, date_base);
    fill(place_, weights.place, name_levels, place_base);
    fill(rest_, rest.data(), background_levels, rest_base);
    exchanged_ = units(std::max<Weight>(0, exchanged));
    // Rounded down. Zero where a person's own name may stand behind another one.
    alias_ = with_aliases && !name.alias
                 ? static_cast<uint8_t>(std::min<Weight>(255, -weights.alias / unit_))
                 : 0;
    const auto most = [](const auto& table) {
      return *std::max_element(table.begin(), table.end());
    };
    most_facts_ = most(date_) + most(place_) + most(rest_);
  }

  uint8_t family(uint8_t level) const { return family_[level]; }
  uint8_t first(uint8_t level) const { return first_[level & ~close_in_letters]; }
  uint8_t exchanged(bool close) const { return close ? exchanged_ : 0; }
  uint8_t date(uint8_t level) const { return date_[level]; }
  uint8_t place(uint8_t level) const { return place_[level]; }
  uint8_t background(uint8_t levels) const { return rest_[levels]; }
  uint8_t alias() const { return alias_; }
  // The least sum of coarse weights of a person that weighs `least` or more.
  uint8_t floor(Weight least) const {
    const int64_t wanted = int64_t{least} - base_;
    return static_cast<uint8_t>(std::clamp<int64_t>((wanted + unit_ - 1) / unit_, 0, 255));
  }
  uint8_t names_floor(uint8_t floor) const {
    return static_cast<uint8_t>(std::max(0, floor - most_facts_));
  }

 private:
  uint8_t units(Weight weight) const { return static_cast<uint8_t>((weight + unit_ - 1) / unit_); }
  template <size_t n>
  void fill(std::array<uint8_t, n>& out, const Weight* weights, size_t levels, Weight base) {
    for (size_t level = 0; level < levels; ++level) out[level] = units(weights[level] - base);
  }

  Weight base_ = 0;
  Weight unit_;
  std::array<uint8_t, name_levels> family_{}, first_{}, place_{};
  std::array<uint8_t, date_levels> date_{};
  std::array<uint8_t, background_levels> rest_{};
  uint8_t exchanged_ = 0;
  uint8_t alias_ = 0;
  int most_facts_ = 0;
};

// The tables of a kernel for some names of probes.
template <class Names>
class CoarseTables {
 public:
  CoarseTables(const Persons<Names>& persons, uint32_t lanes)
      : lanes_(lanes),
        names_((size_t{persons.names.size()} + 1) * 4 * lanes),
        dates_((size_t{persons.n_dates} + 1) * lanes),
        places_((size_t{persons.places.size()} + 1) * lanes),
        backgrounds_((size_t{persons.backgrounds.size()} + 1) * lanes),
        alias_(lanes),
        floor_(lanes, 255),
        names_floor_(lanes, 255) {
    tables_.names = names_.data();
    tables_.n_names = persons.names.size();
    tables_.facts[0] = dates_.data();
    tables_.facts[1] = places_.data();
    tables_.facts[2] = backgrounds_.data();
    tables_.n_facts[0] = persons.n_dates;
    tables_.n_facts[1] = persons.places.size();
    tables_.n_facts[2] = persons.backgrounds.size();
    tables_.alias = alias_.data();
    tables_.floor = floor_.data();
    tables_.names_floor = names_floor_.data();
  }

  void set(uint32_t lane, const CoarseWeights& weights, const AllLevels<Names>& levels,
           size_t name) {
    uint8_t* out = names_.data() + lane;
    for (uint32_t v = 0; v < tables_.n_names; ++v, out += 4 * size_t{lanes_}) {
      const uint8_t family = levels.family(name, v), first = levels.first(name, v);
      out[0] = weights.family(family);
      out[lanes_] = weights.first(first);
      out[2 * lanes_] = weights.exchanged((first & close_in_letters) != 0);
      out[3 * lanes_] = weights.exchanged(family >= name_close);
    }
    const auto fill = [&](std::vector<uint8_t>& table, uint32_t n, auto weigh) {
      for (uint32_t v = 0; v < n; ++v) table[size_t{v} * lanes_ + lane] = weigh(v);
    };
    fill(dates_, tables_.n_facts[0], [&](uint32_t v) { return weights.date(levels.date(v)); });
    fill(places_, tables_.n_facts[1], [&](uint32_t v) { return weights.place(levels.place(v)); });
    fill(backgrounds_, tables_.n_facts[2],
         [&](uint32_t v) { return weights.background(levels.background(v)); });
    alias_[lane] = weights.alias();
  }

  void raise(uint32_t lane, const CoarseWeights& weights, Weight least) {
    floor_[lane] = weights.floor(least);
    names_floor_[lane] = weights.names_floor(floor_[lane]);
  }

  uint32_t lanes() const { return lanes_; }
  const WeightTables& tables() const { return tables_; }

 private:
  uint32_t lanes_;
  std::vector<uint8_t> names_, dates_, places_, backgrounds_, alias_, floor_, names_floor_;
  WeightTables tables_{};
};

}  // namespace prum::police
