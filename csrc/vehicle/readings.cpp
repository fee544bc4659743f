#include "vehicle/readings.hpp"

#include <algorithm>
#include <utility>

#include "vehicle/fold.hpp"

namespace prum::vehicle {
namespace {

constexpr Country germany = country_of('D', 'E');
constexpr Country greece = country_of('G', 'R');
constexpr uint32_t longest_district = 4;

uint32_t packed(const uint8_t* symbols, uint32_t n) {
  uint32_t out = n;
  for (uint32_t i = 0; i < n; ++i) out = out << 6 | symbols[i];
  return out;
}

bool is_letter(uint8_t code) { return code >= first_letter && code < first_national; }
bool is_umlaut(uint8_t code) { return code >= first_national && code < first_national + 3; }

// Shape of a German plate: letters, digits, and perhaps a suffix for the kind of car.
struct Shape {
  explicit Shape(const Key& key) {
    while (letters < key.n &&
           (is_letter(key.symbols[letters]) || is_umlaut(key.symbols[letters]))) {
      ++letters;
    }
    uint32_t at = letters;
    while (at < key.n && key.symbols[at] < first_letter) ++at;
    digits = at - letters;
    suffix = at + 1 == key.n && (key.symbols[at] == suffix_h || key.symbols[at] == suffix_e);
    whole = suffix || at == key.n;
  }
  // Letters and one to four digits.
  bool has_kind() const { return whole && letters > 0 && digits >= 1 && digits <= 4; }
  // Whether the rest behind a district fits: at most two letters, no umlauts, and a number.
  bool fits_behind(const Key& key, uint32_t district) const {
    return whole && digits >= 1 && digits <= 6 && letters >= district && letters - district <= 2 &&
           std::none_of(key.symbols + district, key.symbols + letters, is_umlaut);
  }

  uint32_t letters = 0;
  uint32_t digits = 0;
  bool suffix = false;
  bool whole = false;
};

bool same(const Reading& a, const Reading& b) {
  const auto end = [](const Reading& reading) { return reading.key.symbols + reading.key.n; };
  return a.district == b.district && std::equal(a.key.symbols, end(a), b.key.symbols, end(b));
}

// FÜ and FÜS are districts both: two ways lead from FUS12 to FÜS12.
void append(std::vector<Reading>& others, const Reading& reading) {
  const auto known = [&](const Reading& other) { return same(other, reading); };
  if (reading.key.n > longest_plate || std::any_of(others.begin(), others.end(), known)) return;
  others.push_back(reading);
}

}  // namespace

void NationalReadings::add_district(const Key& name, std::vector<Key> others) {
  if (name.n >= 1 && name.n <= longest_district) {
    districts_[packed(name.symbols, name.n)] = std::move(others);
  }
}

void NationalReadings::append(Country country, const Reading& plate,
                              std::vector<Reading>& others) const {
  if (country == germany) append_german(plate, others);
  if (country == greece) {
    // A rho is printed as P, and transliterated as R.
    constexpr uint8_t r = 'R' - 'A' + first_letter, p = 'P' - 'A' + first_letter;
    Reading other = plate;
    std::replace(other.key.symbols, other.key.symbols + other.key.n, r, p);
    if (!std::equal(other.key.symbols, other.key.symbols + other.key.n, plate.key.symbols)) {
      others.push_back(other);
    }
  }
}

void NationalReadings::append_german(const Reading& plate, std::vector<Reading>& others) const {
  const Shape shape(plate.key);
  // Itself, and with or without the suffix of its kind. An array: many plates are German.
  Reading texts[3] = {plate, plate, plate};
  uint32_t n_texts = 1;
  if (shape.has_kind()) {
    if (shape.suffix) {
      --texts[n_texts++].key.n;
    } else if (plate.key.n < longest_key) {
      for (const uint8_t suffix : {suffix_h, suffix_e}) {
        Key& key = texts[n_texts++].key;
        key.symbols[key.n++] = suffix;
      }
    }
  }
  others.reserve(n_texts - 1);
  const uint32_t known = plate.district;
  const uint32_t first = known > 0 ? known : 1, last = known > 0 ? known : longest_district;
  for (uint32_t n = first; n <= std::min(last, plate.key.n); ++n) {
    if (n > longest_district || (known == 0 && !shape.fits_behind(plate.key, n))) continue;
    const auto found = districts_.find(packed(plate.key.symbols, n));
    if (found == districts_.end()) continue;
    for (const Key& name : found->second) {
      for (uint32_t t = 0; t < n_texts; ++t) {
        const Reading& text = texts[t];
        if (name.n + text.key.n - n > longest_key) continue;
        Reading other{name, known > 0 ? static_cast<uint8_t>(name.n) : uint8_t{0}};
        std::copy(text.key.symbols + n, text.key.symbols + text.key.n, other.key.symbols + name.n);
        other.key.n = name.n + text.key.n - n;
        vehicle::append(others, other);
      }
    }
  }
  for (uint32_t t = 1; t < n_texts; ++t) vehicle::append(others, texts[t]);
}

}  // namespace prum::vehicle
