// Names in Latin letters as they are compared: `fold_whole` of
// src/prum_match/police_record/names/folding.py without its rare cases.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace prum::police {

using Forms = std::vector<std::string>;

// The tables of folding.
struct FoldingTables {
  // The replacement of each character of a name: capitals, or one of "'- ".
  std::vector<std::pair<char16_t, std::u16string>> capitals;
  // Both spellings in A-Z of each capital outside A-Z.
  std::vector<std::pair<char16_t, std::pair<std::string, std::string>>> spellings;
  std::vector<std::string> particles;
  // Endings of women's names, and the endings of the men's names.
  std::vector<std::pair<std::u16string, std::u16string>> endings;
  // Names of Arabic origin by their sounds.
  std::unordered_map<std::string, std::string> arabic;
  size_t max_forms = 0;
};

// A name in one spelling.
struct Part {
  std::string text;
  bool is_particle = false;
  bool ends_word = false;
};
using Name = std::vector<Part>;

class Folding {
 public:
  explicit Folding(const FoldingTables& tables);

  // The spellings of a name, or false for a name that is left to the rule in Python: other letters,
  // escapes of passports, Irish names, names with Abd.
  bool fold(std::u16string_view text, Forms& forms) const;

 private:
  // Of one or two letters; a zero behind the last.
  struct Written {
    char16_t capitals[2] = {};
    char plain[2] = {};
    char expanded[2] = {};
  };

  bool to_capitals(std::u16string_view text, std::u16string& upper) const;
  bool to_spellings(const std::u16string& upper, Forms& spellings) const;
  std::string spelled(std::u16string_view upper, char (Written::*column)[2]) const;
  std::u16string of_man(const std::u16string& upper) const;
  Name parts_of(std::string_view spelling) const;
  void add_part(Name& name, std::string_view text) const;
  bool is_particle(std::string_view text) const;
  std::string joined(const Name& name) const;
  // Empty where no part is a name of Arabic origin.
  std::string arabic_form_of(const Name& name) const;

  std::vector<Written> written_;
  std::unordered_set<std::string> particles_;
  std::vector<std::pair<std::u16string, std::u16string>> endings_;
  std::unordered_map<std::string, std::string> arabic_;
  size_t longest_particle_ = 0;
  size_t max_forms_;
};

// The forms of some names. They are appended in order; those of rare names are put in later.
class Spellings {
 public:
  size_t size() const { return spans_.size(); }
  size_t count(size_t i) const { return spans_[i].count; }
  std::string_view form(size_t i, size_t k) const {
    const size_t at = spans_[i].first + k;
    return std::string_view(text_).substr(ends_[at], ends_[at + 1] - ends_[at]);
  }
  void append(const Forms& forms);
  void put(size_t i, const Forms& forms);

 private:
  struct Span {
    uint32_t first, count;
  };

  std::string text_;
  std::vector<size_t> ends_{0};
  std::vector<Span> spans_;
};

}  // namespace prum::police
