// Persons: signatures of names, filters as panels, searches by weights and by Dice.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/long_call.hpp"
#include "police_record/linkage/filters.hpp"
#include "police_record/linkage/linkage.hpp"

namespace prum::bindings {
namespace {

using police::Facts;
using police::FilteredName;
using police::FilteredNames;
using police::SpelledName;
using police::SpelledNames;
using police::Weight;
using police::Weights;
using PersonMatcher = police::LinkageMatcher<SpelledNames>;
using FieldMatcher = police::LinkageMatcher<FilteredNames>;

constexpr size_t half_bytes = police::filter_words / 2 * sizeof(uint64_t);

// In the order of their declaration.
Weights to_weights(const Array<int32_t>& numbers) {
  constexpr size_t n = sizeof(Weights) / sizeof(Weight);
  if (static_cast<size_t>(numbers.size()) != n) refuse_shape("wrong number of weights");
  Weights out;
  std::memcpy(&out, numbers.data(), sizeof out);
  return out;
}

Array<uint64_t> signatures(const Array<uint64_t>& offsets, const Array<uint8_t>& bytes) {
  const uint32_t n = count_strings(offsets);
  const uint64_t* at = offsets.data();
  if (!std::is_sorted(at, at + n + 1) || at[n] > static_cast<uint64_t>(bytes.size())) {
    refuse_shape("offsets of strings do not match the bytes");
  }
  Array<uint64_t> out({py::ssize_t{2}, py::ssize_t{n}});
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  uint64_t* to = out.mutable_data();
  const LongCall call;
  Pulse<256> pulse;
  for (uint32_t i = 0; i < n; ++i) {
    pulse();
    const police::Signature signature = police::signature_of({text + at[i], at[i + 1] - at[i]});
    to[i] = signature.bag;
    to[size_t{n} + i] = signature.parts;
  }
  return out;
}

py::tuple interleave(const Array<uint8_t>& filters) {
  constexpr size_t bytes = police::filter_words * sizeof(uint64_t);
  if (filters.ndim() != 2 || static_cast<size_t>(filters.shape(1)) != bytes) {
    refuse_shape("filters have 1024 bits");
  }
  const auto n = static_cast<size_t>(filters.shape(0));
  const size_t panels = police::panels_of(n);
  py::array_t<uint8_t> heads = allocate(panels * 512, std::nullopt);
  py::array_t<uint8_t> tails = allocate(panels * 512, std::nullopt);
  py::array_t<uint8_t> counts = allocate(panels * 32, std::nullopt);
  const police::Interleaved out{reinterpret_cast<uint64_t*>(heads.mutable_data()),
                                reinterpret_cast<uint64_t*>(tails.mutable_data()),
                                reinterpret_cast<uint16_t*>(counts.mutable_data())};
  {
    const LongCall call;
    police::interleave(reinterpret_cast<const uint64_t*>(filters.data()), n, out);
  }
  return py::make_tuple(heads, tails, counts);
}

// Exact text and spellings; none where it is absent.
using Spelled = std::optional<std::pair<std::string, std::vector<std::string>>>;
// Family name, first name, nicknames of the latter, whether it is an alias, and what an exact
// agreement of either weighs.
using NameOfPerson = std::tuple<Spelled, Spelled, std::vector<std::string>, bool, Weight, Weight>;

SpelledName to_name(Spelled spelled, const std::vector<std::string>& nicknames) {
  if (!spelled) return {};
  return {std::move(spelled->first), std::move(spelled->second), nicknames};
}

Facts to_facts(uint32_t birth_date, Spelled place, uint8_t gender, uint16_t country,
               std::vector<uint16_t> nationalities) {
  return {birth_date, to_name(std::move(place), {}), {gender, country, std::move(nationalities)}};
}

void add_person(PersonMatcher& matcher, std::vector<NameOfPerson> names, uint32_t birth_date,
                Spelled place, uint8_t gender, uint16_t country,
                std::vector<uint16_t> nationalities, std::vector<uint32_t> tokens) {
  police::Probe<SpelledName> probe;
  for (auto& [family, first, nicknames, alias, family_exact, first_exact] : names) {
    probe.names.push_back({to_name(std::move(family), {}), to_name(std::move(first), nicknames),
                           alias, family_exact, first_exact});
  }
  probe.facts = to_facts(birth_date, std::move(place), gender, country, std::move(nationalities));
  probe.tokens = std::move(tokens);
  matcher.add(std::move(probe));
}

FilteredName to_half(const uint8_t* bytes) {
  FilteredName out;
  std::memcpy(out.filter.data(), bytes, half_bytes);
  for (const uint64_t word : out.filter) {
    out.bits += static_cast<uint32_t>(__builtin_popcountll(word));
  }
  return out;
}

const uint8_t* rows_of(const Array<uint8_t>& filters) {
  if (filters.ndim() != 2 || static_cast<size_t>(filters.shape(1)) != 2 * half_bytes) {
    refuse_shape("filters have 1024 bits");
  }
  return filters.data();
}

void add_fields(FieldMatcher& matcher, const Array<uint8_t>& filters,
                const std::vector<std::pair<Weight, Weight>>& exact, uint32_t birth_date,
                uint8_t gender, uint16_t country, std::vector<uint16_t> nationalities,
                std::vector<uint32_t> tokens) {
  police::Probe<FilteredName> probe;
  const uint8_t* at = rows_of(filters);
  if (static_cast<size_t>(filters.shape(0)) != exact.size())
    refuse_shape("exact needs one pair of weights for each name");
  for (size_t i = 0; i < exact.size(); ++i, at += 2 * half_bytes) {
    probe.names.push_back(
        {to_half(at), to_half(at + half_bytes), i > 0, exact[i].first, exact[i].second});
  }
  probe.facts = to_facts(birth_date, {}, gender, country, std::move(nationalities));
  probe.tokens = std::move(tokens);
  matcher.add(std::move(probe));
}

void add_record(police::FilterMatcher& matcher, const Array<uint8_t>& filters,
                std::vector<uint32_t> tokens) {
  police::FilteredPerson person;
  const uint8_t* at = rows_of(filters);
  for (py::ssize_t i = 0; i < filters.shape(0); ++i, at += 2 * half_bytes) {
    std::vector<uint64_t> words(police::filter_words);
    std::memcpy(words.data(), at, 2 * half_bytes);
    person.filters.push_back(std::move(words));
  }
  person.tokens = std::move(tokens);
  matcher.add(std::move(person));
}

const uint32_t* after_of(const std::optional<Array<uint32_t>>& after, uint32_t probes) {
  if (!after) return nullptr;
  if (static_cast<size_t>(after->size()) != probes)
    refuse_shape("after needs one row for each probe");
  return after->data();
}

template <class Matcher>
py::tuple pairs(const Matcher& matcher, const Segment& segment,
                const std::optional<Array<uint32_t>>& after) {
  const uint32_t* rows = after_of(after, matcher.probes());
  std::vector<police::Pair> found;
  {
    const LongCall call;
    found = matcher.pairs(segment, rows);
  }
  const auto n = static_cast<py::ssize_t>(found.size());
  Array<int64_t> probe(n), row(n), pattern(n);
  Array<int32_t> weight(n);
  for (py::ssize_t i = 0; i < n; ++i) {
    const police::Pair& pair = found[static_cast<size_t>(i)];
    probe.mutable_at(i) = pair.probe;
    row.mutable_at(i) = pair.row;
    weight.mutable_at(i) = pair.agreement.weight;
    pattern.mutable_at(i) = pair.agreement.pattern;
  }
  return py::make_tuple(probe, row, weight, pattern);
}

template <class Matcher>
Array<uint64_t> count_patterns(const Matcher& matcher, const Segment& segment,
                               const std::optional<Array<uint32_t>>& after) {
  const uint32_t* rows = after_of(after, matcher.probes());
  std::vector<uint64_t> counts;
  {
    const LongCall call;
    counts = matcher.count_patterns(segment, rows);
  }
  return to_array(counts);
}

}  // namespace

void register_police_record(py::module_& module) {
  module.def("police_signatures", &signatures, py::arg("offsets"), py::arg("bytes"));
  module.def("police_interleave", &interleave, py::arg("filters"));
  module.def("police_weights", &of_ranks<int32_t, police::weight_of>, py::arg("ranks"));
  module.def("police_scores", &of_ranks<double, police::score_of_rank>, py::arg("ranks"));
  py::class_<PersonMatcher, Matcher>(module, "PersonMatcher")
      .def(py::init([](const Array<int32_t>& weights, Weight least, bool by_tokens) {
             return std::make_unique<PersonMatcher>(
                 to_weights(weights), least, police::Rule<SpelledNames>{}, by_tokens, std::nullopt);
           }),
           py::arg("weights"), py::arg("least"), py::arg("by_tokens") = false)
      .def("add", &add_person, py::arg("names"), py::arg("birth_date"), py::arg("place"),
           py::arg("gender"), py::arg("country"), py::arg("nationalities"), py::arg("tokens"))
      .def("pairs", &pairs<PersonMatcher>, py::arg("segment"), py::arg("after") = py::none())
      .def("count_patterns", &count_patterns<PersonMatcher>, py::arg("segment"),
           py::arg("after") = py::none());
  py::class_<FieldMatcher, Matcher>(module, "FieldMatcher")
      .def(py::init([](const Array<int32_t>& weights, Weight least,
                       const std::array<double, 3>& thresholds, uint64_t key, bool by_tokens) {
             return std::make_unique<FieldMatcher>(
                 to_weights(weights), least,
                 police::Rule<FilteredNames>{police::DiceLevels(thresholds)}, by_tokens, key);
           }),
           py::arg("weights"), py::arg("least"), py::arg("thresholds"), py::arg("key"),
           py::arg("by_tokens") = false)
      .def("add", &add_fields, py::arg("filters"), py::arg("exact"), py::arg("birth_date"),
           py::arg("gender"), py::arg("country"), py::arg("nationalities"), py::arg("tokens"))
      .def("pairs", &pairs<FieldMatcher>, py::arg("segment"), py::arg("after") = py::none())
      .def("count_patterns", &count_patterns<FieldMatcher>, py::arg("segment"),
           py::arg("after") = py::none());
  py::class_<police::FilterMatcher, Matcher>(module, "RecordMatcher")
      .def(py::init<double, bool, uint64_t>(), py::arg("threshold"), py::arg("by_tokens"),
           py::arg("key"))
      .def("add", &add_record, py::arg("filters"), py::arg("tokens"));
}

}  // namespace prum::bindings
