#include "police_record/names/folding.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "engine/error.hpp"
#include "police_record/names/sounds.hpp"

namespace prum::police {
namespace {

using std::string_view;
using std::u16string_view;

bool is_letter(char16_t c) { return c != u'\'' && c != u'-' && c != u' '; }
bool is_capital(string_view text, size_t at) {
  return at < text.size() && 'A' <= text[at] && text[at] <= 'Z';
}
bool holds(string_view set, char c) { return set.find(c) != set.npos; }

void add_distinct(Forms& forms, std::string text) {
  if (!text.empty() && std::find(forms.begin(), forms.end(), text) == forms.end()) {
    forms.push_back(std::move(text));
  }
}

std::string sorted_and_joined(std::vector<string_view>& parts) {
  std::sort(parts.begin(), parts.end());
  std::string out;
  for (const string_view part : parts) {
    if (!out.empty()) out += ' ';
    out += part;
  }
  return out;
}

std::string form_of(const Name& name) {
  std::vector<string_view> parts;
  for (const Part& part : name) {
    if (!part.is_particle) parts.push_back(part.text);
  }
  if (parts.empty()) {
    for (const Part& part : name) parts.push_back(part.text);
  }
  return sorted_and_joined(parts);
}

// Words without hyphens and apostrophes at their ends, one space apart.
std::u16string tidied(u16string_view text) {
  std::u16string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(u' '), text.size());
    u16string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!word.empty() && !is_letter(word.front())) word.remove_prefix(1);
    while (!word.empty() && !is_letter(word.back())) word.remove_suffix(1);
    if (word.empty()) continue;
    if (!out.empty()) out += u' ';
    out += word;
  }
  return out;
}

// Abd belongs to the part behind it, or includes that part.
bool may_be_servant(const Part& part) { return part.text.starts_with("ABD"); }

// Parts before a space, hyphen or apostrophe that `_IRISH` may belong to.
bool may_be_irish(string_view spelling) {
  constexpr std::array<string_view, 6> before = {"NI", "UI", "NIC", "MHIC", "MAC", "MC"};
  size_t begin = 0;
  for (size_t at = 0; at < spelling.size(); ++at) {
    if (is_capital(spelling, at)) continue;
    const string_view part = spelling.substr(begin, at - begin);
    if (std::find(before.begin(), before.end(), part) != before.end()) return true;
    begin = at + 1;
  }
  return false;
}

// `_EXPANDED`: AE, OE and UE as A, O and U where no other reading is likely.
std::string unexpanded(string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at], before = at ? text[at - 1] : ' ';
    const bool expanded = holds("AOU", c) && text.substr(at + 1, 1) == "E" &&
                          is_capital(text, at + 2) && !holds("AEIOUY", text[at + 2]) &&
                          !holds("AEIOUYQ", before) && !(c == 'U' && before == 'G');
    out += c;
    if (expanded) ++at;
  }
  return out;
}

// `_MC`: Mc before a name is Mac.
std::string with_mac(string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    out += text[at];
    const bool begins = text.substr(at, 2) == "MC" && !(at && is_capital(text, at - 1));
    if (begins && is_capital(text, at + 2) && is_capital(text, at + 3) &&
        is_capital(text, at + 4)) {
      out += 'A';
    }
  }
  return out;
}

[[noreturn]] void refuse_table(const char* what) {
  throw Error(ErrorKind::invalid_input, "bad_shape", what);
}

template <class Text, class Letter>
void write(const Text& text, Letter (&to)[2]) {
  if (text.size() > 2) refuse_table("a spelling has more than two letters");
  std::copy(text.begin(), text.end(), to);
}

}  // namespace

Folding::Folding(const FoldingTables& tables)
    : particles_(tables.particles.begin(), tables.particles.end()),
      endings_(tables.endings),
      arabic_(tables.arabic),
      max_forms_(tables.max_forms) {
  char16_t last = 'Z';
  for (const auto& [letter, capitals] : tables.capitals) last = std::max(last, letter);
  for (const auto& [letter, both] : tables.spellings) last = std::max(last, letter);
  written_.resize(last + size_t{1});
  for (char letter = 'A'; letter <= 'Z'; ++letter) {
    written_[static_cast<size_t>(letter)].plain[0] = letter;
    written_[static_cast<size_t>(letter)].expanded[0] = letter;
  }
  for (const char other : {'\'', '-', ' '}) {
    written_[static_cast<size_t>(other)].plain[0] = other;
    written_[static_cast<size_t>(other)].expanded[0] = other;
  }
  for (const auto& [letter, capitals] : tables.capitals) write(capitals, written_[letter].capitals);
  for (const auto& [letter, both] : tables.spellings) {
    write(both.first, written_[letter].plain);
    write(both.second, written_[letter].expanded);
  }
  for (const auto& [letter, capitals] : tables.capitals) {
    for (const char16_t c : capitals) {
      if (c >= written_.size() || !written_[c].plain[0])
        refuse_table("a capital outside A-Z has no spelling");
    }
  }
  for (const std::string& particle : particles_) {
    longest_particle_ = std::max(longest_particle_, particle.size());
  }
}

bool Folding::fold(u16string_view text, Forms& forms) const {
  forms.clear();
  std::u16string upper;
  Forms spellings;
  if (!to_capitals(text, upper) || !to_spellings(upper, spellings)) return false;
  std::vector<Name> names;
  for (const std::string& spelling : spellings) names.push_back(parts_of(spelling));
  for (const Name& name : names) add_distinct(forms, form_of(name));
  for (const Name& name : names) {
    if (name.size() > 1) add_distinct(forms, joined(name));
  }
  for (const Name& name : names) {
    if (!std::none_of(name.begin(), name.end(), may_be_servant)) return false;
    add_distinct(forms, arabic_form_of(name));
  }
  if (forms.size() > max_forms_) forms.resize(max_forms_);
  return true;
}

bool Folding::to_capitals(u16string_view text, std::u16string& upper) const {
  std::u16string capitals;
  for (const char16_t c : text) {
    if (c >= written_.size() || !written_[c].capitals[0]) return false;
    for (const char16_t capital : written_[c].capitals) {
      if (capital) capitals += capital;
    }
  }
  upper = tidied(capitals);
  return true;
}

bool Folding::to_spellings(const std::u16string& upper, Forms& spellings) const {
  const std::string plain = spelled(upper, &Written::plain);
  const bool is_plain = std::all_of(upper.begin(), upper.end(), [](char16_t c) { return c < 128; });
  const std::string other =
      is_plain ? with_mac(unexpanded(plain)) : spelled(upper, &Written::expanded);
  for (const std::string* spelling : {&plain, &other}) {
    if (spelling->find("XX") != std::string::npos || may_be_irish(*spelling)) return false;
    add_distinct(spellings, *spelling);
  }
  if (is_plain) return true;
  const std::u16string man = of_man(upper);
  add_distinct(spellings, spelled(man, &Written::plain));
  add_distinct(spellings, spelled(man, &Written::expanded));
  return true;
}

std::string Folding::spelled(u16string_view upper, char (Written::*column)[2]) const {
  std::string out;
  for (const char16_t c : upper) {
    for (const char letter : written_[c].*column) {
      if (letter) out += letter;
    }
  }
  return out;
}

std::u16string Folding::of_man(const std::u16string& upper) const {
  constexpr size_t stem = 3;
  std::u16string out;
  size_t begin = 0;
  const auto finish = [&](size_t end) {
    std::u16string part = upper.substr(begin, end - begin);
    for (const auto& [ending, other] : endings_) {
      if (part.size() >= ending.size() + stem && part.ends_with(ending)) {
        part.replace(part.size() - ending.size(), ending.size(), other);
      }
    }
    out += part;
  };
  for (size_t at = 0; at < upper.size(); ++at) {
    if (is_letter(upper[at])) continue;
    finish(at);
    out += upper[at];
    begin = at + 1;
  }
  finish(upper.size());
  return out;
}

bool Folding::is_particle(string_view text) const {
  return text.size() <= longest_particle_ && particles_.contains(std::string(text));
}

void Folding::add_part(Name& name, string_view text) const {
  Part part;
  std::remove_copy(text.begin(), text.end(), std::back_inserter(part.text), '\'');
  if (part.text.empty()) return;
  part.is_particle = is_particle(part.text);
  name.push_back(std::move(part));
}

Name Folding::parts_of(string_view spelling) const {
  Name name;
  while (!spelling.empty()) {
    const size_t end = std::min(spelling.find_first_of(" -"), spelling.size());
    const string_view piece = spelling.substr(0, end);
    const size_t mark = piece.find('\'');
    if (mark != piece.npos && is_particle(piece.substr(0, mark))) {
      add_part(name, piece.substr(0, mark));
      add_part(name, piece.substr(mark + 1));
    } else {
      add_part(name, piece);
    }
    const bool ends_word = end == spelling.size() || spelling[end] == ' ';
    if (ends_word && !name.empty()) name.back().ends_word = true;
    spelling.remove_prefix(std::min(end + 1, spelling.size()));
  }
  return name;
}

std::string Folding::arabic_form_of(const Name& name) const {
  Name spelled;
  for (size_t i = 0; i < name.size(); ++i) {
    const auto found = arabic_.find(arabic_sounds(name[i].text));
    if (found == arabic_.end()) continue;
    if (spelled.empty()) spelled = name;
    spelled[i].text = found->second;
    spelled[i].is_particle = is_particle(found->second);
  }
  return form_of(spelled);
}

// The form in which particles, and parts with hyphens, are one with the part behind them.
std::string Folding::joined(const Name& name) const {
  std::vector<std::string> whole;
  std::string before;
  for (const Part& part : name) {
    before += part.text;
    if (!part.ends_word || part.is_particle) continue;
    whole.push_back(std::move(before));
    before.clear();
  }
  // Behind the name: Berg, van der.
  if (whole.empty()) {
    whole.push_back(before);
  } else {
    whole.front().insert(0, before);
  }
  const auto particles = static_cast<size_t>(std::count_if(
      whole.begin(), whole.end(), [this](const std::string& text) { return is_particle(text); }));
  // I and N together are not a particle.
  if (0 < particles && particles < whole.size()) return "";
  std::vector<string_view> parts(whole.begin(), whole.end());
  return sorted_and_joined(parts);
}

void Spellings::append(const Forms& forms) {
  spans_.push_back({});
  put(spans_.size() - 1, forms);
}

void Spellings::put(size_t i, const Forms& forms) {
  spans_[i] = {static_cast<uint32_t>(ends_.size() - 1), static_cast<uint32_t>(forms.size())};
  for (const std::string& form : forms) {
    text_ += form;
    ends_.push_back(text_.size());
  }
}

}  // namespace prum::police
