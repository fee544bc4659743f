#include "police_record/names.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "engine/tier.hpp"

namespace prum::police {
namespace {

constexpr uint32_t most_edits = 3;
constexpr uint32_t shortest_part = 3;

uint64_t mixed(uint64_t x) {  // a mixing function: MurmurHash3's finaliser
  x = (x ^ x >> 33) * 0xFF51AFD7ED558CCDu;
  x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53u;
  return x ^ x >> 33;
}

uint64_t part_bit(std::string_view part) {
  uint64_t hash = part.size();
  for (const char c : part) hash = hash * 0x9E3779B97F4A7C15u + static_cast<uint8_t>(c);
  return uint64_t{1} << (mixed(hash) & 63);
}

// Calls with each part that is long enough to count.
template <class Take>
void each_part(std::string_view spelling, Take take) {
  for (size_t begin = 0; begin < spelling.size();) {
    const size_t end = std::min(spelling.find(' ', begin), spelling.size());
    if (end - begin >= shortest_part) take(spelling.substr(begin, end - begin));
    begin = end + 1;
  }
}

bool share_a_part(std::string_view a, std::string_view b) {
  bool found = false;
  each_part(a, [&](std::string_view part) {
    if (!found) each_part(b, [&](std::string_view other) { found |= part == other; });
  });
  return found;
}

std::string letters_of(std::string_view spelling) {
  std::string out(spelling);
  std::erase(out, ' ');
  return out;
}

}  // namespace

Texts::Texts(const Segment& segment, const std::string& name, size_t n)
    : offsets_(segment.column(name + ".offsets", (n + 1) * sizeof(uint64_t)).as<uint64_t>()),
      bytes_(segment.column(name + ".bytes").as<char>()),
      size_(segment.column(name + ".bytes").bytes) {}

Signature signature_of(std::string_view spelling) {
  Signature out;
  for (const char c : spelling) {
    if (c >= 'A' && c <= 'Z') {
      const uint64_t once = uint64_t{1} << (c - 'A');
      out.bag |= (out.bag & once) != 0 ? once << 26 : once;
    } else if (c >= '0' && c <= '9') {
      out.bag |= uint64_t{1} << (52 + c - '0');
    }
  }
  each_part(spelling, [&](std::string_view part) { out.parts |= part_bit(part); });
  return out;
}

// The textbook recurrence in the band of 3 beside the diagonal.
uint32_t edits(std::string_view a, std::string_view b) {
  constexpr int band = static_cast<int>(most_edits), width = 2 * band + 1;
  constexpr uint8_t beyond = most_edits + 1;
  const int n = static_cast<int>(a.size()), m = static_cast<int>(b.size());
  if (std::abs(n - m) > band) return beyond;
  // Cell d of a row is column row + d - band.
  uint8_t before[width], row[width], next[width];
  std::fill_n(before, width, beyond);
  for (int d = 0; d < width; ++d) row[d] = d < band ? beyond : static_cast<uint8_t>(d - band);
  for (int i = 1; i <= n; ++i) {
    uint8_t least = beyond;
    for (int d = 0; d < width; ++d) {
      const int j = i + d - band;
      if (j < 0 || j > m) {
        next[d] = beyond;
        continue;
      }
      uint8_t cell = beyond;
      if (j == 0) {
        cell = static_cast<uint8_t>(i);
      } else {
        cell = static_cast<uint8_t>(row[d] + (a[i - 1] != b[j - 1]));
        if (d + 1 < width) cell = std::min<uint8_t>(cell, row[d + 1] + 1);
        if (d > 0) cell = std::min<uint8_t>(cell, next[d - 1] + 1);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
          cell = std::min<uint8_t>(cell, before[d] + 1);
        }
      }
      next[d] = std::min(cell, beyond);
      least = std::min(least, next[d]);
    }
    if (least == beyond && i > 1) return beyond;
    std::copy_n(row, width, before);
    std::copy_n(next, width, row);
  }
  return row[m - n + band];
}

SpelledName::SpelledName(std::string exact, std::vector<std::string> forms,
                         const std::vector<std::string>& nicknames)
    : exact_(std::move(exact)) {
  const auto form_of = [](std::string text) {
    return Form{text, letters_of(text), signature_of(text)};
  };
  for (std::string& form : forms) forms_.push_back(form_of(std::move(form)));
  for (const std::string& nickname : nicknames) {
    nicknames_.push_back(form_of(nickname));
    const uint64_t hash = mixed(nicknames_.back().signature.bag);
    nickname_bits_[hash >> 58] |= uint64_t{1} << (hash & 63);
  }
}

bool SpelledName::may_agree(const Form& form, const Signature& signature) {
  const auto changed = static_cast<uint32_t>(std::popcount(form.signature.bag ^ signature.bag));
  return changed <= 2 * most_edits || (form.signature.parts & signature.parts) != 0;
}

bool SpelledName::may_agree(const Signature& signature) const {
  for (const Form& form : forms_) {
    if (may_agree(form, signature)) return true;
  }
  return false;
}

bool SpelledName::may_be_nickname(const Signature& signature) const {
  const uint64_t hash = mixed(signature.bag);
  return (nickname_bits_[hash >> 58] >> (hash & 63) & 1) != 0;
}

bool SpelledName::is_nickname(std::string_view spelling) const {
  return std::any_of(nicknames_.begin(), nicknames_.end(),
                     [&](const Form& nickname) { return nickname.text == spelling; });
}

uint8_t SpelledName::level(std::string_view spelling, const Signature& signature) const {
  uint8_t best = name_different;
  for (const Form& form : forms_) {
    if (may_agree(form, signature)) best = std::max(best, level(form, spelling, signature));
  }
  return best;
}

uint8_t SpelledName::level(const Form& form, std::string_view spelling,
                           const Signature& signature) {
  if (form.text == spelling) return name_equivalent;
  if (std::popcount(form.signature.bag ^ signature.bag) <= static_cast<int>(2 * most_edits)) {
    const bool spaced = spelling.find(' ') != spelling.npos;
    const std::string letters = spaced ? letters_of(spelling) : std::string();
    const std::string_view other = spaced ? std::string_view(letters) : spelling;
    const size_t shorter = std::min(form.letters.size(), other.size());
    const size_t longer = std::max(form.letters.size(), other.size());
    if (longer - shorter <= most_edits) {
      const uint32_t distance = edits(form.letters, other);
      if (distance <= 1 && shorter >= 3) return name_close;
      if (distance <= 2 && shorter >= 4) return name_near;
      if (distance <= 3 && shorter >= 6 && 3 * distance <= longer) return name_far;
    }
  }
  const bool partial =
      (form.signature.parts & signature.parts) != 0 && share_a_part(form.text, spelling);
  return partial ? name_partial : name_different;
}

uint32_t least_shared(double threshold, uint32_t sum) {
  if (sum == 0) return 1;
  const auto reaches = [&](uint32_t shared) {
    return 2.0 * shared / static_cast<double>(sum) >= threshold;
  };
  auto shared = static_cast<uint32_t>(std::max(0.0, std::floor(threshold * sum / 2)));
  while (shared > 0 && reaches(shared - 1)) --shared;
  while (!reaches(shared)) ++shared;
  return shared;
}

DiceLevels::DiceLevels(const std::array<double, 3>& thresholds) {
  for (size_t level = 0; level < thresholds.size(); ++level) {
    for (uint32_t sum = 0; sum < least_[level].size(); ++sum) {
      least_[level][sum] = static_cast<uint16_t>(least_shared(thresholds[level], sum));
    }
  }
}

SpelledNames::SpelledNames(const Segment& segment, const std::string& name) {
  n_ = static_cast<uint32_t>(segment.column(name + ".of").bytes / sizeof(uint32_t));
  if (n_ < 2) throw_damaged();
  --n_;
  of_ = segment.column(name + ".of").as<uint32_t>();
  n_forms_ = static_cast<uint32_t>(segment.column(name + ".signatures").bytes / sizeof(Signature));
  signatures_ = segment.column(name + ".signatures").as<Signature>();
  exact_ = Texts(segment, name + ".exact", n_);
  forms_ = Texts(segment, name + ".forms", n_forms_);
}

uint8_t SpelledNames::level(const SpelledName& probe, uint32_t value) const {
  if (value >= n_) throw_damaged();
  if (value == 0 || probe.absent()) return name_missing;
  uint8_t best = name_different;
  each_form(value, [&](uint32_t f) {
    if (!probe.may_agree(signatures_[f])) return;
    best = std::max(best, probe.level(forms_[f], signatures_[f]));
  });
  return best == name_equivalent && exact_[value] == probe.exact() ? uint8_t{name_exact} : best;
}

bool SpelledNames::is_nickname(const SpelledName& probe, uint32_t value) const {
  if (value >= n_) throw_damaged();
  bool found = false;
  each_form(value, [&](uint32_t f) {
    found |= probe.may_be_nickname(signatures_[f]) && probe.is_nickname(forms_[f]);
  });
  return found;
}

FilteredNames::FilteredNames(const Segment& segment, const std::string& name) {
  n_ = static_cast<uint32_t>(segment.column(name + ".bits").bytes / sizeof(uint16_t));
  if (n_ == 0) throw_damaged();
  bits_ = segment.column(name + ".bits").as<uint16_t>();
  filters_ = segment.column(name + ".filters", size_t{n_} * 64).as<uint64_t>();
}

uint8_t FilteredNames::level(const FilteredName& probe, const DiceLevels& rule,
                             uint32_t value) const {
  if (value >= n_) throw_damaged();
  uint16_t shared = 0;
  kernels_in_use().filters.shared(probe.filter.data(), filters_ + size_t{value} * 8, 1, &shared);
  if (bits_[value] > 512 || shared > 512) throw_damaged();
  if (bits_[value] == 0 || probe.bits == 0) return name_missing;
  return rule.level(shared, probe.bits + bits_[value]);
}

void FilteredNames::levels(const FilteredName& probe, const DiceLevels& rule, uint8_t* out) const {
  std::vector<uint16_t> shared(n_);
  kernels_in_use().filters.shared(probe.filter.data(), filters_, n_, shared.data());
  for (uint32_t value = 0; value < n_; ++value) {
    if (bits_[value] > 512) throw_damaged();
    const bool missing = bits_[value] == 0 || probe.bits == 0;
    out[value] = missing ? uint8_t{name_missing}
                         : rule.level(shared[value], probe.bits + bits_[value]);
  }
}

}  // namespace prum::police
