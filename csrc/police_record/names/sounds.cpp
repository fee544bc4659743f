#include "police_record/names/sounds.hpp"

#include <cstdint>
#include <span>

namespace prum::police {
namespace {

using std::string_view;

enum class Where { anywhere, start, behind_start, end };

// Letters that stand for a sound, and its replacement.
struct Cluster {
  string_view letters;
  string_view written;
  Where where = Where::anywhere;
  string_view before = "";      // only before one of these
  string_view not_before = "";  // not before any of these

  bool stands_at(string_view text, size_t at) const {
    const size_t end = at + letters.size();
    if (end > text.size()) return false;
    for (size_t i = 0; i < letters.size(); ++i) {
      if (text[at + i] != letters[i]) return false;
    }
    const bool is_last = end == text.size();
    if (where == Where::start && at != 0) return false;
    if (where == Where::behind_start && at == 0) return false;
    if (where == Where::end && !is_last) return false;
    if (!before.empty() && (is_last || before.find(text[end]) == before.npos)) return false;
    return is_last || not_before.find(text[end]) == not_before.npos;
  }
};

// The set of letters of a text, as bits; a digit counts as some letter.
constexpr uint32_t bit_of(char letter) { return 1U << (static_cast<uint8_t>(letter) & 31); }
uint32_t letters_of(string_view text) {
  uint32_t letters = 0;
  for (const char letter : text) letters |= bit_of(letter);
  return letters;
}

// A rule of alternative clusters; the first one that fits at a place is applied.
class SoundRule {
 public:
  template <size_t n>
  constexpr explicit SoundRule(const Cluster (&clusters)[n]) : clusters_(clusters) {
    for (const Cluster& cluster : clusters) {
      first_ |= bit_of(cluster.letters[0]);
      second_ |= cluster.letters.size() > 1 ? bit_of(cluster.letters[1]) : ~0U;
    }
  }

  // Nearly all rules change nothing in a name; most are ruled out by its letters.
  bool may_change(uint32_t letters) const { return (first_ & letters) && (second_ & letters); }

  void apply(std::string& text) const {
    std::string out;
    size_t copied = 0;
    for (size_t at = 0; at < text.size();) {
      const Cluster* const here = at_place(text, at);
      if (here == nullptr) {
        ++at;
        continue;
      }
      out.append(text, copied, at - copied).append(here->written);
      at += here->letters.size();
      copied = at;
    }
    if (copied) text.replace(0, copied, out);
  }

 private:
  const Cluster* at_place(string_view text, size_t at) const {
    if (!(first_ & bit_of(text[at]))) return nullptr;
    for (const Cluster& cluster : clusters_) {
      if (cluster.stands_at(text, at)) return &cluster;
    }
    return nullptr;
  }

  std::span<const Cluster> clusters_;
  uint32_t first_ = 0;
  uint32_t second_ = 0;
};

std::string applied(std::span<const SoundRule> rules, string_view part) {
  std::string text(part);
  uint32_t letters = letters_of(text);
  for (const SoundRule& rule : rules) {
    if (!rule.may_change(letters)) continue;
    rule.apply(text);
    letters = letters_of(text);
  }
  return text;
}

namespace clusters {

// One letter is SHT in Bulgaria and SHCH in Russia; others are H or CH before a consonant, and GI
// or YI at the start, in Greece.
constexpr Cluster hushes[] = {{"SHCH", "ST"}, {"SZCZ", "ST"}, {"SHT", "ST"}};
constexpr Cluster voiced[] = {{"DZH", "T"}, {"DZ", "T"}};
constexpr Cluster sibilants[] = {{"TSCH", "S"}, {"SCH", "S"}, {"TSH", "S"}, {"SH", "S"},
                                 {"ZH", "S"},   {"CZ", "S"},  {"TZ", "S"},  {"TS", "S"},
                                 {"SZ", "S"},   {"ZS", "S"}};
constexpr Cluster labials[] = {{"PH", "F"}, {"PF", "F"}};
constexpr Cluster ks[] = {{"X", "KS"}};
constexpr Cluster hard_h[] = {{"H", "K", Where::anywhere, "RL"}};
constexpr Cluster greek_gi[] = {{"GI", "I", Where::start, "AEOU"}};

constexpr Cluster sh[] = {{"SH", "S"}, {"CH", "S"}};
constexpr Cluster aspirates[] = {{"KH", "K"}, {"GH", "G"}, {"DH", "D"}, {"TH", "T"}};
constexpr Cluster dj[] = {{"DJ", "J"}};
constexpr Cluster ph[] = {{"PH", "F"}};
constexpr Cluster q[] = {{"Q", "K"}, {"C", "K"}};
constexpr Cluster ne[] = {{"NE", "N", Where::end}};
constexpr Cluster u[] = {
    {"OU", "U"}, {"OO", "U"}, {"O", "U"}, {"W", "U", Where::anywhere, "", "AEI"}};
constexpr Cluster ai[] = {{"AI", "AI"}, {"AY", "AI"}, {"EI", "AI"}, {"EY", "AI"}};
constexpr Cluster i[] = {{"EE", "I"}, {"Y", "I", Where::anywhere, "", "AEU"}};
constexpr Cluster a[] = {{"E", "A", Where::behind_start}};

}  // namespace clusters

constexpr SoundRule phonetic[] = {SoundRule(clusters::hushes),    SoundRule(clusters::voiced),
                                  SoundRule(clusters::sibilants), SoundRule(clusters::labials),
                                  SoundRule(clusters::ks),        SoundRule(clusters::hard_h),
                                  SoundRule(clusters::greek_gi)};

constexpr SoundRule arabic[] = {SoundRule(clusters::sh), SoundRule(clusters::aspirates),
                                SoundRule(clusters::dj), SoundRule(clusters::ph),
                                SoundRule(clusters::q),  SoundRule(clusters::ne),
                                SoundRule(clusters::u),  SoundRule(clusters::ai),
                                SoundRule(clusters::i),  SoundRule(clusters::a)};

// Classes of A to Z, with a space for vowels. X has already become KS.
constexpr string_view classes = " PKT FK   KLMN PKRST FFX S";

}  // namespace

std::string phonetic_key(string_view part) {
  // Of 15,900 European family names, 4 letters keep the key through half of all single errors and
  // leave 19 names in the block of a name; 3 keep it through 58 in 100 and leave 60.
  constexpr size_t longest = 4;
  std::string key;
  bool is_first = true;
  for (const char letter : applied(phonetic, part)) {
    if (letter < 'A') continue;  // a digit
    const char sound = classes[static_cast<size_t>(letter - 'A')];
    if (sound == ' ') {
      if (is_first) key = "A";
    } else if (key.empty() || sound != key.back()) {
      key += sound;
    }
    is_first = false;
    if (key.size() == longest) break;
  }
  return key.empty() ? std::string(part) : key;
}

std::string arabic_sounds(string_view part) {
  std::string out;
  for (const char letter : applied(arabic, part)) {
    if (out.empty() || letter != out.back()) out += letter;
  }
  if (out.ends_with("AH")) out.pop_back();
  return out;
}

}  // namespace prum::police
