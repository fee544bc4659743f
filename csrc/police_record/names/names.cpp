#include "police_record/names/names.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "engine/tier.hpp"
#include "engine/watch.hpp"

namespace prum::police {
namespace {

constexpr uint32_t shortest_part = 3;

uint64_t mixed(uint64_t x) {  // a mixing function: MurmurHash3's finaliser
  x = (x ^ x >> 33) * 0xFF51AFD7ED558CCDu;
  x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53u;
  return x ^ x >> 33;
}

uint64_t part_bit(std::string_view part) {
  uint64_t hash = part.size();
  for (const char c : part) hash = hash * 0x9E3779B97F4A7C15u + static_cast<uint8_t>(c);
  return uint64_t{1} << mixed(hash) % 56;
}

// Calls `take` with each part that is long enough to count.
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

// The most edits that still make a level for spellings of these lengths; none where no number does.
// All lengths from 255 on count as the same.
std::optional<uint32_t> most_edits(uint32_t a, uint32_t b) {
  const auto [shorter, longer] = std::minmax({a, b});
  const uint32_t most = shorter < 3 ? 0 : shorter < 4 ? 1 : shorter < 6 || longer < 9 ? 2 : 3;
  if (longer - shorter > most) return std::nullopt;
  return most;
}

std::string without_spaces(std::string_view spelling) {
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
  const size_t letters = spelling.size() - std::count(spelling.begin(), spelling.end(), ' ');
  out.parts |= uint64_t{std::min<size_t>(letters, 255)} << 56;
  return out;
}

// The textbook recurrence, in the band around the diagonal that contains all results up to `most`.
uint32_t edits(std::string_view a, std::string_view b, uint32_t most) {
  constexpr int widest = 7;
  const int band = static_cast<int>(most), width = 2 * band + 1;
  const auto beyond = static_cast<uint8_t>(most + 1);
  const int n = static_cast<int>(a.size()), m = static_cast<int>(b.size());
  if (std::abs(n - m) > band) return beyond;
  // Cell d of a row is column row + d - band.
  uint8_t before[widest], row[widest], next[widest];
  std::fill_n(before, width, beyond);
  for (int d = 0; d < width; ++d) row[d] = d < band ? beyond : static_cast<uint8_t>(d - band);
  for (int i = 1; i <= n; ++i) {
    uint8_t least = beyond;
    for (int d = 0; d < width; ++d) {
      const int j = i + d - band;
      uint8_t cell = beyond;
      if (j == 0) {
        cell = static_cast<uint8_t>(i);
      } else if (j > 0 && j <= m) {
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
    if (least == beyond) return beyond;
    std::copy_n(row, width, before);
    std::copy_n(next, width, row);
  }
  return row[m - n + band];
}

SpelledName::SpelledName(std::string exact, std::vector<std::string> forms,
                         const std::vector<std::string>& nicknames)
    : exact_(std::move(exact)) {
  const auto form_of = [](std::string text) {
    return Form{text, without_spaces(text), signature_of(text)};
  };
  for (std::string& form : forms) forms_.push_back(form_of(std::move(form)));
  for (const std::string& nickname : nicknames) {
    nicknames_.push_back(form_of(nickname));
    const uint64_t hash = mixed(nicknames_.back().signature.bag);
    nickname_bits_[hash >> 58] |= uint64_t{1} << (hash & 63);
  }
}

void SpelledName::flag_hopeful(const uint64_t* bags, const uint64_t* parts, uint32_t n,
                               uint8_t* flags) const {
  for (const Form& form : forms_) {
    const uint32_t letters = form.signature.letters();
    SignatureProbe probe{form.signature.bag, form.signature.parts & ~(uint64_t{255} << 56), letters,
                         0};
    for (uint32_t i = 0; i < 7; ++i) {
      if (letters + i < 3) continue;
      const auto most = most_edits(letters, letters + i - 3);
      if (most) probe.bits |= uint64_t{2 * *most + 1} << 8 * i;
    }
    kernels_in_use().signatures.hopeful(probe, bags, parts, n, flags);
  }
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
  for (const Form& form : forms_) best = std::max(best, level(form, spelling, signature));
  return best;
}

uint8_t SpelledName::level(const Form& form, std::string_view spelling,
                           const Signature& signature) {
  if (form.text == spelling) return name_equivalent;
  const auto most = most_edits(form.signature.letters(), signature.letters());
  if (most &&
      static_cast<uint32_t>(std::popcount(form.signature.bag ^ signature.bag)) <= 2 * *most) {
    const bool spaced = spelling.size() != signature.letters();
    const std::string letters = spaced ? without_spaces(spelling) : std::string();
    const std::string_view other = spaced ? std::string_view(letters) : spelling;
    const size_t shorter = std::min(form.letters.size(), other.size());
    const size_t longer = std::max(form.letters.size(), other.size());
    const uint32_t distance = edits(form.letters, other, *most);
    if (distance <= 1 && shorter >= 3) return name_close;
    if (distance <= 2 && shorter >= 4) return name_near;
    if (distance <= 3 && shorter >= 6 && 3 * distance <= longer) return name_far;
  }
  // If both have one part only, sharing it would make them equal.
  const bool parts =
      form.text.size() > form.letters.size() || spelling.size() > signature.letters();
  const bool partial =
      parts && form.signature.may_share_a_part(signature) && share_a_part(form.text, spelling);
  return partial ? name_partial : name_different;
}

uint32_t least_shared(double threshold, uint32_t sum) {
  if (sum == 0) return 1;
  const auto reaches = [&](uint32_t shared) {
    return 2.0 * shared / static_cast<double>(sum) >= threshold;
  };
  auto shared = static_cast<uint32_t>(std::max(0.0, std::floor(threshold * sum / 2)));
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
  const Column& signatures = segment.column(name + ".signatures");
  n_forms_ = static_cast<uint32_t>(signatures.bytes / sizeof(Signature));
  bags_ = signatures.as<uint64_t>();
  parts_ = bags_ + n_forms_;
  exact_ = Texts(segment, name + ".exact", n_);
  forms_ = Texts(segment, name + ".forms", n_forms_);
}

uint8_t SpelledNames::level(const SpelledName& probe, uint32_t value) const {
  if (value >= n_) throw_damaged();
  if (value == 0 || probe.absent()) return name_missing;
  uint8_t best = name_different;
  each_form(value,
            [&](uint32_t f) { best = std::max(best, probe.level(forms_[f], signature(f))); });
  return best == name_equivalent && exact_[value] == probe.exact() ? uint8_t{name_exact} : best;
}

void SpelledNames::levels(const SpelledName& probe, uint8_t* out) const {
  std::fill_n(out, n_, probe.absent() ? name_missing : name_different);
  out[0] = name_missing;
  if (probe.absent()) return;
  std::vector<uint8_t> hopeful(n_forms_);
  probe.flag_hopeful(bags_, parts_, n_forms_, hopeful.data());
  uint32_t value = 0;
  const auto flags = hopeful.begin();
  Pulse<64> pulse;
  for (auto at = std::find(flags, hopeful.end(), 1); at != hopeful.end();
       at = std::find(at + 1, hopeful.end(), 1)) {
    pulse();
    const auto form = static_cast<uint32_t>(at - flags);
    while (value < n_ && of_[value + 1] <= form) ++value;
    if (value >= n_) throw_damaged();
    const uint8_t found = probe.level(forms_[form], signature(form));
    if (found > out[value]) out[value] = found;
    if (out[value] == name_equivalent && exact_[value] == probe.exact()) out[value] = name_exact;
  }
}

bool SpelledNames::is_nickname(const SpelledName& probe, uint32_t value) const {
  if (value >= n_) throw_damaged();
  bool found = false;
  each_form(value, [&](uint32_t f) {
    found |= probe.may_be_nickname(signature(f)) && probe.is_nickname(forms_[f]);
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
    out[value] =
        missing ? uint8_t{name_missing} : rule.level(shared[value], probe.bits + bits_[value]);
  }
}

}  // namespace prum::police
