// Levels of agreement of a probe with the values of a segment: of all at once, or one by one.
#pragma once

#include <vector>

#include "police_record/linkage/persons.hpp"

namespace prum::police {

// A flag beside the level of a first name: by its letters alone it agrees closely enough for an
// exchange of both names.
inline constexpr uint8_t close_in_letters = 0x80;

// How two names of a kind are compared.
template <class Names>
struct Rule;

template <>
struct Rule<SpelledNames> {
  using Name = SpelledName;
  static bool absent(const Name& name) { return name.absent(); }
  uint8_t family(const SpelledNames& names, const Name& probe, uint32_t value) const {
    return names.level(probe, value);
  }
  uint8_t first(const SpelledNames& names, const Name& probe, uint32_t value) const {
    const uint8_t level = names.level(probe, value);
    const uint8_t close = level >= name_close ? close_in_letters : 0;
    if (level < name_nickname && level > name_missing && probe.has_nicknames() &&
        names.is_nickname(probe, value)) {
      return name_nickname | close;
    }
    return level | close;
  }
  void families(const SpelledNames& names, const Name& probe, uint8_t* out) const {
    names.levels(probe, out);
  }
  void firsts(const SpelledNames& names, const Name& probe, uint8_t* out) const {
    names.levels(probe, out);
    const bool nicknames = probe.has_nicknames();
    for (uint32_t value = 0; value < names.size(); ++value) {
      const uint8_t close = out[value] >= name_close ? close_in_letters : 0;
      if (nicknames && out[value] < name_nickname && names.is_nickname(probe, value)) {
        out[value] = name_nickname;
      }
      out[value] |= close;
    }
  }
};

template <>
struct Rule<FilteredNames> {
  using Name = FilteredName;
  static bool absent(const Name& name) { return name.bits == 0; }
  uint8_t family(const FilteredNames& names, const Name& probe, uint32_t value) const {
    return names.level(probe, dice, value);
  }
  uint8_t first(const FilteredNames& names, const Name& probe, uint32_t value) const {
    return marked(family(names, probe, value));
  }
  void families(const FilteredNames& names, const Name& probe, uint8_t* out) const {
    names.levels(probe, dice, out);
  }
  void firsts(const FilteredNames& names, const Name& probe, uint8_t* out) const {
    names.levels(probe, dice, out);
    for (uint32_t value = 0; value < names.size(); ++value) out[value] = marked(out[value]);
  }
  static uint8_t marked(uint8_t level) {
    return level >= name_close ? level | close_in_letters : level;
  }

  DiceLevels dice;
};

// Levels that are computed on demand: for few persons.
template <class Names>
class LevelsOnDemand {
 public:
  using Name = typename Rule<Names>::Name;
  LevelsOnDemand(const Persons<Names>& persons, const Rule<Names>& rule, const Probe<Name>& probe)
      : persons_(&persons), rule_(&rule), probe_(&probe) {}
  uint8_t family(size_t name, uint32_t value) const {
    return rule_->family(persons_->names, probe_->names[name].family, value);
  }
  uint8_t first(size_t name, uint32_t value) const {
    return rule_->first(persons_->names, probe_->names[name].first, value);
  }
  uint8_t date(uint32_t value) const {
    return date_level(probe_->facts.birth_date, persons_->date(value));
  }
  uint8_t place(uint32_t value) const {
    return persons_->places.level(probe_->facts.birth_place, value);
  }
  uint8_t background(uint32_t value) const {
    return persons_->backgrounds.levels(probe_->facts.background, value);
  }

 private:
  const Persons<Names>* persons_;
  const Rule<Names>* rule_;
  const Probe<Name>* probe_;
};

// Levels that are computed beforehand, for each distinct value once: for all persons.
template <class Names>
class AllLevels {
 public:
  using Name = typename Rule<Names>::Name;
  AllLevels(const Persons<Names>& persons, const Rule<Names>& rule, const Probe<Name>& probe)
      : dates_(persons.n_dates),
        places_(persons.places.size()),
        backgrounds_(persons.backgrounds.size()) {
    for (const ProbeName<Name>& name : probe.names) {
      families_.emplace_back(persons.names.size());
      firsts_.emplace_back(persons.names.size());
      if (!Rule<Names>::absent(name.family)) {
        rule.families(persons.names, name.family, families_.back().data());
      }
      if (!Rule<Names>::absent(name.first)) {
        rule.firsts(persons.names, name.first, firsts_.back().data());
      }
    }
    const LevelsOnDemand<Names> levels(persons, rule, probe);
    for (uint32_t v = 0; v < dates_.size(); ++v) dates_[v] = levels.date(v);
    for (uint32_t v = 0; v < places_.size(); ++v) places_[v] = levels.place(v);
    for (uint32_t v = 0; v < backgrounds_.size(); ++v) backgrounds_[v] = levels.background(v);
  }
  uint8_t family(size_t name, uint32_t value) const { return at(families_[name], value); }
  uint8_t first(size_t name, uint32_t value) const { return at(firsts_[name], value); }
  uint8_t date(uint32_t value) const { return at(dates_, value); }
  uint8_t place(uint32_t value) const { return at(places_, value); }
  uint8_t background(uint32_t value) const { return at(backgrounds_, value); }

 private:
  static uint8_t at(const std::vector<uint8_t>& levels, uint32_t value) {
    if (value >= levels.size()) throw_damaged();
    return levels[value];
  }

  std::vector<std::vector<uint8_t>> families_, firsts_;
  std::vector<uint8_t> dates_, places_, backgrounds_;
};

// The strongest reading of a pair of persons.
struct Agreement {
  Weight weight = 0;
  uint32_t pattern = 0;
  bool compared = false;  // whether the person has a name that the probe can be compared with
};

template <class Names, class Levels>
Agreement agreement_of(const Persons<Names>& persons,
                       const Probe<typename Rule<Names>::Name>& probe, const Weights& weights,
                       const Levels& levels, uint32_t row, uint8_t key = 0) {
  Agreement best;
  uint32_t best_names = 0;
  bool best_alias = false;
  const auto consider = [&](Weight weight, uint32_t names, bool alias) {
    // Own names come before aliases. At equal weight, the straight reading goes before the
    // exchanged one.
    const bool straightens = names != exchanged_names && best_names == exchanged_names;
    if (best.compared && (weight < best.weight || (weight == best.weight && !straightens))) return;
    best.weight = weight;
    best.compared = true;
    best_names = names;
    best_alias = alias;
  };
  const auto [begin, end] = persons.names_of(row);
  for (size_t n = 0; n < probe.names.size(); ++n) {
    const auto& own = probe.names[n];
    bool other_alias = false;
    for (uint32_t e = begin; e < end; ++e) {
      if (persons.entry_keys != nullptr && persons.entry_keys[e] != key) continue;
      const uint32_t family = persons.people.names[2 * size_t{e}];
      const uint32_t first = persons.people.names[2 * size_t{e} + 1];
      const bool alias = own.alias || other_alias;
      other_alias = true;
      const Weight off = alias ? weights.alias : 0;
      const uint8_t f = levels.family(n, family);
      const uint8_t g = levels.first(n, first) & ~close_in_letters;
      const Weight by_family = f == name_exact ? own.family_exact : weights.family[f];
      const Weight by_first = g == name_exact ? own.first_exact : weights.first[g];
      consider(by_family + by_first + off, f * name_levels + g, alias);
      if ((levels.first(n, family) & close_in_letters) != 0 &&
          levels.family(n, first) >= name_close) {
        consider(weights.exchanged + off, exchanged_names, alias);
      }
    }
  }
  if (!best.compared) return best;
  const uint32_t* facts = persons.people.facts + size_t{row} * person_facts;
  const uint8_t date = levels.date(facts[0]), place = levels.place(facts[1]);
  const uint8_t background = levels.background(facts[2]);
  best.weight += weights.date[date] + weights.place[place] + weights.background(background);
  best.pattern = pattern_of(best_names, best_alias, date, place, background);
  return best;
}

// The share of each value in the pattern of a pair with one name each, in one reading.
template <class Names>
class PatternParts {
 public:
  static constexpr uint32_t none = UINT32_MAX;

  PatternParts(const Persons<Names>& persons, const AllLevels<Names>& levels)
      : persons_(&persons),
        families_(persons.names.size()),
        firsts_(persons.names.size()),
        dates_(persons.n_dates),
        places_(persons.places.size()),
        backgrounds_(persons.backgrounds.size()) {
    for (uint32_t v = 0; v < families_.size(); ++v) {
      const uint8_t family = levels.family(0, v), first = levels.first(0, v);
      families_[v] = pattern_of(family * name_levels, false, 0, 0, 0);
      firsts_[v] = pattern_of(first & ~close_in_letters, false, 0, 0, 0);
      // Exchanged names are another reading; a bit of each name marks its half of that reading.
      if ((first & close_in_letters) != 0) families_[v] |= exchange;
      if (family >= name_close) firsts_[v] |= exchange;
    }
    for (uint32_t v = 0; v < dates_.size(); ++v) {
      dates_[v] = pattern_of(0, false, levels.date(v), 0, 0);
    }
    for (uint32_t v = 0; v < places_.size(); ++v) {
      places_[v] = pattern_of(0, false, 0, levels.place(v), 0);
    }
    for (uint32_t v = 0; v < backgrounds_.size(); ++v) backgrounds_[v] = levels.background(v);
  }

  // The pattern of a row; `none` where there are more names, or more readings.
  uint32_t of(uint32_t row) const {
    const auto [begin, end] = persons_->names_of(row);
    if (end - begin != 1) return none;
    const uint32_t* names = persons_->people.names + 2 * size_t{begin};
    const uint32_t family = at(families_, names[0]), first = at(firsts_, names[1]);
    if ((family & first & exchange) != 0) return none;
    const uint32_t* facts = persons_->people.facts + size_t{row} * person_facts;
    return ((family + first) & ~exchange) + at(dates_, facts[0]) + at(places_, facts[1]) +
           at(backgrounds_, facts[2]);
  }

 private:
  static constexpr uint32_t exchange = 1u << 30;

  static uint32_t at(const std::vector<uint32_t>& parts, uint32_t value) {
    if (value >= parts.size()) throw_damaged();
    return parts[value];
  }

  const Persons<Names>* persons_;
  std::vector<uint32_t> families_, firsts_, dates_, places_, backgrounds_;
};

}  // namespace prum::police
