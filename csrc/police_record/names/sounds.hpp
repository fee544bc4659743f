// Rough sounds of names in A-Z, 0-9.
#pragma once

#include <string>
#include <string_view>

namespace prum::police {

// The phonetic key of a part of a name: the first classes of consonants. Vowels, H, J and Y count
// only at the beginning, as A; voiced and unvoiced consonants are one class; a class that follows
// itself counts once, whatever vowels are between; digits are silent. A part of digits is its own
// key.
std::string phonetic_key(std::string_view part);

// The key of the table of Arabic names; src/prum_match/police_record/names/arabic.py.
std::string arabic_sounds(std::string_view part);

}  // namespace prum::police
