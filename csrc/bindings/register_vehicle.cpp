// Registrations: folding of plates, building of indexes, queries.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/long_call.hpp"
#include "vehicle/build.hpp"
#include "vehicle/fold.hpp"
#include "vehicle/matcher.hpp"

namespace prum::bindings {
namespace {

using vehicle::Country;
using vehicle::Key;
using vehicle::KeyIndex;
using vehicle::Prices;

vehicle::Keys to_keys(const Array<uint8_t>& keys) {
  if (keys.ndim() != 2 || keys.shape(1) > longest_key || keys.shape(0) >= UINT32_MAX) {
    refuse_shape("keys need the shape (n, symbols)");
  }
  return {keys.data(), static_cast<uint32_t>(keys.shape(0)), static_cast<uint32_t>(keys.shape(1))};
}

// Strings of any length.
class Texts {
 public:
  Texts(const Array<uint64_t>& offsets, const Array<uint8_t>& bytes)
      : offsets_(offsets.data()), bytes_(reinterpret_cast<const char*>(bytes.data())) {
    n_ = count_strings(offsets);
    const auto* end = offsets_ + n_ + 1;
    if (!std::is_sorted(offsets_, end) || *(end - 1) > static_cast<uint64_t>(bytes.size())) {
      refuse_shape("offsets of strings do not match the bytes");
    }
  }
  size_t size() const { return n_; }
  std::string_view operator[](size_t i) const {
    return {bytes_ + offsets_[i], offsets_[i + 1] - offsets_[i]};
  }

 private:
  const uint64_t* offsets_;
  const char* bytes_;
  uint32_t n_;
};

Key to_key(std::string_view codes) {
  Key key;
  if (codes.size() > longest_key) refuse_shape("a key has at most 30 symbols");
  key.n = static_cast<uint32_t>(codes.size());
  std::copy(codes.begin(), codes.end(), reinterpret_cast<char*>(key.symbols));
  return key;
}

Key to_key(const vehicle::Keys& keys, uint32_t i) {
  const uint8_t* symbols = keys.at(i);
  Key key;
  key.n =
      static_cast<uint32_t>(std::find(symbols, symbols + keys.width, vehicle::no_symbol) - symbols);
  std::copy_n(symbols, key.n, key.symbols);
  return key;
}

py::tuple fold_plates(const Array<uint64_t>& offsets, const Array<uint8_t>& bytes) {
  const Texts texts(offsets, bytes);
  const auto n = static_cast<py::ssize_t>(texts.size());
  py::array_t<uint8_t> keys = allocate(texts.size() * vehicle::longest_plate, std::nullopt);
  Array<uint32_t> spelling(n);
  Array<uint8_t> district(n), changed(n);
  Array<bool> plain(n);
  uint8_t* to = keys.mutable_data();
  uint32_t* spelled = spelling.mutable_data();
  uint8_t *split = district.mutable_data(), *bits = changed.mutable_data();
  bool* good = plain.mutable_data();
  {
    const LongCall call;
    Pulse<64> pulse;
    for (size_t i = 0; i < texts.size(); ++i) {
      pulse();
      const vehicle::Folded folded = vehicle::fold_plate(texts[i]);
      std::copy_n(folded.symbols, vehicle::longest_plate, to + i * vehicle::longest_plate);
      spelled[i] = folded.spelling;
      split[i] = folded.district;
      bits[i] = folded.changed;
      good[i] = folded.plain;
    }
  }
  return py::make_tuple(keys.reshape({n, py::ssize_t{vehicle::longest_plate}}), spelling, district,
                        changed, plain);
}

py::tuple fold_vins(const Array<uint64_t>& offsets, const Array<uint8_t>& bytes) {
  const Texts texts(offsets, bytes);
  const auto n = static_cast<py::ssize_t>(texts.size());
  py::array_t<uint8_t> keys = allocate(texts.size() * longest_key, std::nullopt);
  Array<uint8_t> changed(n);
  Array<bool> plain(n);
  uint8_t *to = keys.mutable_data(), *bits = changed.mutable_data();
  bool* good = plain.mutable_data();
  {
    const LongCall call;
    Pulse<64> pulse;
    for (size_t i = 0; i < texts.size(); ++i) {
      pulse();
      const vehicle::FoldedVin folded = vehicle::fold_vin(texts[i]);
      std::copy_n(folded.symbols, longest_key, to + i * longest_key);
      bits[i] = folded.changed;
      good[i] = folded.plain;
    }
  }
  return py::make_tuple(keys.reshape({n, py::ssize_t{longest_key}}), changed, plain);
}

// Up to `most` last symbols of each key, the last one first.
py::array_t<uint8_t> from_end(const Array<uint8_t>& given, uint32_t most) {
  const vehicle::Keys keys = to_keys(given);
  py::array_t<uint8_t> out = allocate(size_t{keys.n} * most, vehicle::no_symbol);
  uint8_t* to = out.mutable_data();
  {
    const LongCall call;
    for (uint32_t key = 0; key < keys.n; ++key, to += most) {
      const uint8_t* begin = keys.at(key);
      const uint8_t* end = std::find(begin, begin + keys.width, vehicle::no_symbol);
      const auto n = std::min(most, static_cast<uint32_t>(end - begin));
      std::reverse_copy(end - n, end, to);
    }
  }
  return out.reshape({py::ssize_t{keys.n}, py::ssize_t{most}});
}

py::tuple build(const Array<uint8_t>& given, size_t most_nodes) {
  const vehicle::Keys keys = to_keys(given);
  vehicle::Sorted sorted;
  {
    const LongCall call;
    sorted = vehicle::sort_keys(keys);
  }
  py::array_t<uint8_t> codes = allocate(vehicle::block_bytes(sorted.lengths), std::nullopt);
  uint8_t* to = codes.mutable_data();
  vehicle::Nodes nodes;
  {
    const LongCall call;
    vehicle::write_blocks(keys, sorted, to);
    nodes = vehicle::make_nodes(sorted.lengths, to, most_nodes);
  }
  std::vector<uint32_t> stored;
  for (const vehicle::StoredNode& node : nodes.stored) {
    stored.push_back(node.start);
    stored.push_back(node.below);
  }
  return py::make_tuple(to_array(sorted.order), to_array(sorted.lengths), codes,
                        to_array(stored).reshape({py::ssize_t{-1}, py::ssize_t{2}}),
                        to_array(nodes.symbols));
}

// The keys at some places of an index, as they were given.
py::array_t<uint8_t> keys_at(const Array<uint32_t>& lengths, const Array<uint8_t>& codes,
                             const Array<uint32_t>& places) {
  const auto width = static_cast<uint32_t>(lengths.size()) - 2;
  if (lengths.size() < 2 || width > longest_key)
    refuse_shape("lengths need 2 more entries than symbols, which are at most 30");
  const uint32_t* first = lengths.data();
  std::vector<vehicle::Part> parts;
  size_t at = 0;
  for (uint32_t n = 0; n <= width; ++n) {
    if (first[n] > first[n + 1]) throw_damaged();
    parts.push_back({codes.data() + at, first[n], first[n + 1] - first[n], n});
    at += (size_t{parts.back().keys} + block_keys - 1) / block_keys * n * block_keys;
  }
  if (at > static_cast<size_t>(codes.size())) throw_damaged();
  const py::ssize_t n = places.size();
  py::array_t<uint8_t> out = allocate(static_cast<size_t>(n) * width, vehicle::no_symbol);
  uint8_t* to = out.mutable_data();
  for (py::ssize_t i = 0; i < n; ++i, to += width) {
    const uint32_t place = places.data()[i];
    if (place >= first[width + 1]) throw_damaged();
    const auto* next = std::upper_bound(first + 1, first + width + 1, place);
    const vehicle::Part& part = parts[static_cast<size_t>(next - first - 1)];
    for (uint32_t s = 0; s < part.symbols; ++s) to[s] = part.symbol(place, s);
  }
  return out.reshape({n, static_cast<py::ssize_t>(width)});
}

// Traces of rows in an index: the places of their symbols in the blocks, and nodes without a live
// row.
std::pair<Array<uint64_t>, Array<uint32_t>> traces(const Segment& segment, const std::string& name,
                                                   uint32_t longest, const Array<uint32_t>& rows) {
  const KeyIndex index(segment, name, longest);
  check_rows(rows, segment.rows());
  const std::vector<uint32_t> keys = vehicle::keys_of(index, segment, to_vector(rows));
  return {to_array(vehicle::places_of(index, keys)),
          to_array(vehicle::dead_nodes(index, segment, keys))};
}

std::shared_ptr<Prices> to_prices(const Array<uint32_t>& substitution,
                                  const std::array<Array<uint32_t>, 4>& others) {
  auto prices = std::make_shared<Prices>();
  const auto codes = static_cast<py::ssize_t>(vehicle::symbol_codes);
  if (substitution.ndim() != 2 || substitution.shape(0) != codes ||
      substitution.shape(1) != codes) {
    refuse_shape("substitution needs the shape (64, 64)");
  }
  for (py::ssize_t truth = 0; truth < codes; ++truth) {
    for (py::ssize_t read = 0; read < codes; ++read) {
      prices->substitution[read][truth] = substitution.at(truth, read);
    }
  }
  const std::array<std::array<uint32_t, vehicle::symbol_codes>*, 4> targets{
      &prices->deletion, &prices->insertion, &prices->leading, &prices->trailing};
  for (size_t i = 0; i < others.size(); ++i) {
    if (others[i].size() != codes) refuse_shape("prices of symbols need the shape (64,)");
    std::copy_n(others[i].data(), codes, targets[i]->begin());
  }
  return prices;
}

vehicle::Scope to_scope(const std::vector<Country>& countries, std::optional<int64_t> at) {
  return {countries, at.has_value(), at.value_or(0)};
}

vehicle::NationalReadings to_national(
    const std::vector<std::pair<py::bytes, std::vector<py::bytes>>>& districts) {
  vehicle::NationalReadings readings;
  for (const auto& [name, ways] : districts) {
    std::vector<Key> others;
    for (const py::bytes& way : ways) others.push_back(to_key(way));
    readings.add_district(to_key(name), std::move(others));
  }
  return readings;
}

using Readings = std::vector<std::pair<py::bytes, uint8_t>>;

vehicle::Date to_date(std::optional<int64_t> at, int64_t now, bool keeps_history) {
  return {at.value_or(now), !at.has_value(), keeps_history};
}

vehicle::Exact to_exact(const Readings& readings, bool vin, Country country,
                        std::optional<int64_t> at, int64_t now, bool keeps_history) {
  vehicle::Exact query;
  if (readings.empty()) refuse_shape("a query needs a key");
  for (const auto& [codes, district] : readings) query.others.push_back({to_key(codes), district});
  query.own = query.others.front();
  query.others.erase(query.others.begin());
  query.vin = vin;
  query.country = country;
  query.date = to_date(at, now, keeps_history);
  return query;
}

void add_exact(vehicle::VehicleMatcher& matcher, const Readings& readings, bool vin,
               Country country, std::optional<int64_t> at, int64_t now, bool keeps_history) {
  matcher.add(to_exact(readings, vin, country, at, now, keeps_history));
}

void replace_exact(vehicle::VehicleMatcher& matcher, uint32_t probe, const Readings& readings,
                   bool vin, Country country, std::optional<int64_t> at, int64_t now,
                   bool keeps_history) {
  if (probe >= matcher.probes()) refuse_row();
  matcher.replace(probe, to_exact(readings, vin, country, at, now, keeps_history));
}

// Plain plates, with their national readings.
void add_plates(vehicle::VehicleMatcher& matcher, const Array<uint8_t>& given,
                const Array<vehicle::Place>& places, const Array<int64_t>& at,
                const Array<bool>& now, const vehicle::NationalReadings& readings,
                bool keeps_history) {
  const vehicle::Keys keys = to_keys(given);
  const py::ssize_t n = given.shape(0);
  if (places.size() != n || at.size() != n || now.size() != n) {
    refuse_shape("columns of probes differ in length");
  }
  const LongCall call;
  matcher.reserve(static_cast<size_t>(n));
  for (py::ssize_t i = 0; i < n; ++i) {
    vehicle::Exact query;
    query.own.key = to_key(keys, static_cast<uint32_t>(i));
    query.own.district = vehicle::district_in(places.data()[i]);
    query.country = vehicle::country_in(places.data()[i]);
    query.date = {at.data()[i], now.data()[i], keeps_history};
    readings.append(query.country, query.own, query.others);
    matcher.add(std::move(query));
  }
}

// A holder or an owner.
void add_owner(vehicle::VehicleMatcher& matcher, const Array<uint8_t>& given, Country country,
               std::optional<int64_t> at, int64_t now, bool keeps_history) {
  const vehicle::Keys keys = to_keys(given);
  if (keys.width != vehicle::owner_symbols) refuse_shape("a key of an owner has 24 symbols");
  vehicle::Owner query{{}, country, to_date(at, now, keeps_history)};
  for (uint32_t i = 0; i < keys.n; ++i) query.keys.push_back(to_key(keys, i));
  matcher.add(std::make_unique<const vehicle::Owner>(std::move(query)));
}

void add_fuzzy(vehicle::VehicleMatcher& matcher, const py::bytes& read,
               const std::shared_ptr<Prices>& prices, uint32_t most,
               const std::vector<Country>& countries, std::optional<int64_t> at) {
  const Key key = to_key(read);
  if (key.n > longest_read) refuse_shape("a read has at most 16 symbols");
  matcher.add(std::make_unique<const vehicle::Fuzzy>(
      vehicle::Fuzzy{vehicle::Edit(key, prices, most), to_scope(countries, at)}));
}

void add_pattern(vehicle::VehicleMatcher& matcher,
                 const std::vector<std::optional<uint64_t>>& places, bool vin,
                 const std::vector<Country>& countries, std::optional<int64_t> at) {
  std::vector<vehicle::Token> tokens;
  size_t singles = 0;
  for (const auto& symbols : places) {
    tokens.push_back({!symbols.has_value(), symbols.value_or(0)});
    singles += symbols.has_value();
  }
  if (singles > longest_key) refuse_shape("a pattern has at most 30 places");
  vehicle::Pattern pattern(tokens);
  std::optional<vehicle::Pattern> end;
  const vehicle::Pattern reversed = pattern.reversed();
  // The search starts at the end with more literal symbols.
  if (vin && reversed.literal_prefix() > pattern.literal_prefix()) {
    end = reversed.beginning(vehicle::end_symbols);
  }
  matcher.add(std::make_unique<const vehicle::Fitting>(
      vehicle::Fitting{std::move(pattern), std::move(end), vin, to_scope(countries, at)}));
}

void add_link(vehicle::VehicleMatcher& matcher, const py::bytes& plate, Country country,
              uint8_t district, const py::bytes& vin) {
  matcher.add(std::make_unique<const vehicle::Link>(
      vehicle::Link{{to_key(plate), district}, country, to_key(vin)}));
}

// Rows of a register as probes; those of a register without chassis numbers come without them.
void add_links(vehicle::VehicleMatcher& matcher, const Array<uint8_t>& plates,
               const Array<vehicle::Place>& places, const std::optional<Array<uint8_t>>& vins) {
  const vehicle::Keys keys = to_keys(plates);
  if (places.size() != plates.shape(0)) refuse_shape("columns of probes differ in length");
  std::optional<vehicle::Keys> chassis;
  if (vins) chassis = to_keys(*vins);
  if (chassis && chassis->n != keys.n) refuse_shape("columns of probes differ in length");
  const LongCall call;
  for (uint32_t i = 0; i < keys.n; ++i) {
    vehicle::Link link;
    link.plate = {to_key(keys, i), vehicle::district_in(places.data()[i])};
    link.country = vehicle::country_in(places.data()[i]);
    if (chassis) link.vin = to_key(*chassis, i);
    matcher.add(std::make_unique<const vehicle::Link>(link));
  }
}

}  // namespace

void register_vehicle(py::module_& module) {
  module.def("vehicle_fold_plates", &fold_plates, py::arg("offsets"), py::arg("bytes"));
  module.def("vehicle_fold_vins", &fold_vins, py::arg("offsets"), py::arg("bytes"));
  module.def("vehicle_from_end", &from_end, py::arg("keys"), py::arg("most"));
  module.def("vehicle_build", &build, py::arg("keys"), py::arg("most_nodes") = vehicle::most_nodes);
  module.def("vehicle_keys_at", &keys_at, py::arg("lengths"), py::arg("codes"), py::arg("places"));
  module.def("vehicle_traces", &traces, py::arg("segment"), py::arg("name"), py::arg("longest"),
             py::arg("rows"));
  py::class_<Prices, std::shared_ptr<Prices>>(module, "VehiclePrices")
      .def(py::init([](const Array<uint32_t>& substitution, const Array<uint32_t>& deletion,
                       const Array<uint32_t>& insertion, const Array<uint32_t>& leading,
                       const Array<uint32_t>& trailing) {
             return to_prices(substitution, {deletion, insertion, leading, trailing});
           }),
           py::arg("substitution"), py::arg("deletion"), py::arg("insertion"), py::arg("leading"),
           py::arg("trailing"));
  py::class_<vehicle::NationalReadings>(module, "VehicleReadings")
      .def(py::init(&to_national), py::arg("districts"));
  py::class_<vehicle::VehicleMatcher, Matcher>(module, "VehicleMatcher")
      .def(py::init<>())
      .def("add_exact", &add_exact, py::arg("readings"), py::arg("vin"), py::arg("country"),
           py::arg("at"), py::arg("now"), py::arg("keeps_history"))
      .def("replace_exact", &replace_exact, py::arg("probe"), py::arg("readings"), py::arg("vin"),
           py::arg("country"), py::arg("at"), py::arg("now"), py::arg("keeps_history"))
      .def("add_plates", &add_plates, py::arg("keys"), py::arg("places"), py::arg("at"),
           py::arg("now"), py::arg("readings"), py::arg("keeps_history"))
      .def("add_owner", &add_owner, py::arg("keys"), py::arg("country"), py::arg("at"),
           py::arg("now"), py::arg("keeps_history"))
      .def("add_fuzzy", &add_fuzzy, py::arg("read"), py::arg("prices"), py::arg("most"),
           py::arg("countries"), py::arg("at"))
      .def("add_pattern", &add_pattern, py::arg("places"), py::arg("vin"), py::arg("countries"),
           py::arg("at"))
      .def("add_link", &add_link, py::arg("plate"), py::arg("country"), py::arg("district"),
           py::arg("vin"))
      .def("add_links", &add_links, py::arg("plates"), py::arg("places"), py::arg("vins"));
}

}  // namespace prum::bindings
