#include "police_record/columns/facts.hpp"

#include <algorithm>

namespace prum::police {
namespace {

uint8_t same(uint32_t a, uint32_t b) {
  if (a == 0 || b == 0) return country_missing;
  return a == b ? country_same : country_different;
}

}  // namespace

uint8_t date_level(Date a, Date b) {
  if (a == 0 || b == 0) return date_missing;
  const DateParts x = parts_of(a), y = parts_of(b);
  const bool year = x.year == y.year, month = x.month == y.month, day = x.day == y.day;
  if (x.month == 0 || y.month == 0) return year ? date_same_year : date_different;
  const auto placeholder = [](const DateParts& p) { return p.month == 1 && p.day == 1; };
  if (x.day == 0 || y.day == 0) {
    if (year && month) return date_same_month;
    // With a month other than January, the date contradicts the placeholder as another day does.
    return year && (placeholder(x) || placeholder(y)) ? date_placeholder : date_different;
  }
  if (year && month && day) return date_exact;
  if (year && x.month == y.day && x.day == y.month) return date_swapped;
  if (year && (placeholder(x) || placeholder(y))) return date_placeholder;
  return year + month + day == 2 ? date_near : date_different;
}

Backgrounds::Backgrounds(const Segment& segment) {
  n_ = static_cast<uint32_t>(segment.column("backgrounds.gender").bytes);
  if (n_ == 0) throw_damaged();
  genders_ = segment.column("backgrounds.gender").as<uint8_t>();
  countries_ = segment.column("backgrounds.country", n_ * sizeof(uint16_t)).as<uint16_t>();
  const size_t offset_bytes = (size_t{n_} + 1) * sizeof(uint64_t);
  offsets_ = segment.column("backgrounds.nationalities.offsets", offset_bytes).as<uint64_t>();
  const Column& nationalities = segment.column("backgrounds.nationalities");
  nationalities_ = nationalities.as<uint16_t>();
  n_nationalities_ = nationalities.bytes / sizeof(uint16_t);
}

uint8_t Backgrounds::levels(const Background& probe, uint32_t value) const {
  if (value >= n_) throw_damaged();
  const uint64_t begin = offsets_[value], end = offsets_[value + 1];
  if (begin > end || end > n_nationalities_) throw_damaged();
  uint8_t nationality = country_missing;
  if (begin < end && !probe.nationalities.empty()) {
    nationality = country_different;
    for (const uint16_t code : probe.nationalities) {
      const uint16_t* last = nationalities_ + end;
      if (std::find(nationalities_ + begin, last, code) != last) nationality = country_same;
    }
  }
  const uint8_t country = same(probe.country, countries_[value]);
  const uint8_t gender = same(probe.gender, genders_[value]);
  return static_cast<uint8_t>((country * country_levels + nationality) * country_levels + gender);
}

}  // namespace prum::police
