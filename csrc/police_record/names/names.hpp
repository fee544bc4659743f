// Names as they are compared: the spellings of one, the vocabulary of many.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/segments/segment.hpp"

namespace prum::police {

// src/prum_match/police_record/linkage/levels.py explains each level.
enum NameLevel : uint8_t {
  name_missing,
  name_different,
  name_partial,
  name_far,
  name_near,
  name_close,
  name_nickname,
  name_equivalent,
  name_exact,
};
inline constexpr uint32_t name_levels = 9;

// Strings of any length. Offsets of a mapped file may hold anything.
class Texts {
 public:
  Texts() = default;
  Texts(const Segment& segment, const std::string& name, size_t n);
  std::string_view operator[](size_t i) const {
    const uint64_t begin = offsets_[i], end = offsets_[i + 1];
    if (begin > end || end > size_) throw_damaged();
    return {bytes_ + begin, end - begin};
  }

 private:
  const uint64_t* offsets_ = nullptr;
  const char* bytes_ = nullptr;
  size_t size_ = 0;
};

// A summary of a spelling, which bounds its likeness to others before letters are compared; see
// csrc/kernels/persons/signatures.hpp.
struct Signature {
  uint64_t bag = 0;
  uint64_t parts = 0;

  uint32_t letters() const { return static_cast<uint32_t>(parts >> 56); }
  bool may_share_a_part(const Signature& other) const { return (parts & other.parts) << 8 != 0; }
};
Signature signature_of(std::string_view spelling);

// Optimal string alignment distance of two spellings without their spaces, if it is at most `most`
// (0 to 3); otherwise any greater number.
uint32_t edits(std::string_view a, std::string_view b, uint32_t most);

// One field of a name of a probe, as it was written.
class SpelledName {
 public:
  SpelledName() = default;
  // Absent if there are no forms. Nicknames make levels of a first name.
  SpelledName(std::string exact, std::vector<std::string> forms,
              const std::vector<std::string>& nicknames);

  bool absent() const { return forms_.empty(); }
  const std::string& exact() const { return exact_; }
  // Sets the flags of spellings that can make a level at all.
  void flag_hopeful(const uint64_t* bags, const uint64_t* parts, uint32_t n, uint8_t* flags) const;
  bool may_be_nickname(const Signature& signature) const;
  // The level of one spelling, name_equivalent at best, and whether it is a nickname.
  uint8_t level(std::string_view spelling, const Signature& signature) const;
  bool is_nickname(std::string_view spelling) const;
  bool has_nicknames() const { return !nicknames_.empty(); }

 private:
  struct Form {
    std::string text;
    std::string letters;
    Signature signature;
  };

  static uint8_t level(const Form& form, std::string_view spelling, const Signature& signature);

  std::string exact_;
  std::vector<Form> forms_;
  std::vector<Form> nicknames_;
  std::array<uint64_t, 64> nickname_bits_{};
};

// The same pseudonymised: a filter of 512 bits.
struct FilteredName {
  std::array<uint64_t, 8> filter{};
  uint32_t bits = 0;  // 0: absent
};

// Numbers of shared bits that two filters need for a level, by the sum of their bits.
class DiceLevels {
 public:
  // Dice, descending: of close, near, far.
  explicit DiceLevels(const std::array<double, 3>& thresholds);
  uint8_t level(uint32_t shared, uint32_t sum) const {
    if (2 * shared == sum) return name_exact;
    if (shared >= least_[0][sum]) return name_close;
    if (shared >= least_[1][sum]) return name_near;
    return shared >= least_[2][sum] ? name_far : name_different;
  }

 private:
  std::array<std::array<uint16_t, 1025>, 3> least_;
};

// The least number of shared bits that a Dice coefficient, rounded as doubles are, needs.
uint32_t least_shared(double threshold, uint32_t sum);

// The distinct values of names, or of places, in a segment. Value 0 is the absent one.
class SpelledNames {
 public:
  SpelledNames(const Segment& segment, const std::string& name);
  uint32_t size() const { return n_; }
  uint8_t level(const SpelledName& probe, uint32_t value) const;
  bool is_nickname(const SpelledName& probe, uint32_t value) const;
  // The levels of all of them.
  void levels(const SpelledName& probe, uint8_t* out) const;

 private:
  Signature signature(uint32_t form) const { return {bags_[form], parts_[form]}; }
  // The spellings of a value.
  template <class Take>
  void each_form(uint32_t value, Take take) const {
    const uint32_t begin = of_[value], end = of_[value + 1];
    if (begin > end || end > n_forms_) throw_damaged();
    for (uint32_t f = begin; f < end; ++f) take(f);
  }

  uint32_t n_ = 0;
  uint32_t n_forms_ = 0;
  const uint32_t* of_ = nullptr;
  const uint64_t* bags_ = nullptr;
  const uint64_t* parts_ = nullptr;
  Texts exact_;
  Texts forms_;
};

class FilteredNames {
 public:
  FilteredNames(const Segment& segment, const std::string& name);
  uint32_t size() const { return n_; }
  uint8_t level(const FilteredName& probe, const DiceLevels& rule, uint32_t value) const;
  // The levels of all of them.
  void levels(const FilteredName& probe, const DiceLevels& rule, uint8_t* out) const;

 private:
  uint32_t n_ = 0;
  const uint64_t* filters_ = nullptr;
  const uint16_t* bits_ = nullptr;
};

}  // namespace prum::police
