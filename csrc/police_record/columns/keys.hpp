// The keys of the pseudonyms in a segment, and the persons that have a pseudonym under each.
#pragma once

#include <cstdint>

#include "engine/search/sink.hpp"

namespace prum::police {

class Keys {
 public:
  explicit Keys(const Segment& segment) {
    const Column& keys = segment.column("keys");
    n_ = static_cast<uint32_t>(keys.bytes / sizeof(uint64_t));
    keys_ = keys.as<uint64_t>();
    if (n_ > 8) throw_damaged();
    of_row_ = segment.column("keys.of", segment.rows()).as<uint8_t>();
    of_all_ = *segment.column("keys.all", 1).as<uint8_t>();
  }

  // The place of a key; 255 where no person has it.
  uint8_t place(uint64_t key) const {
    for (uint32_t i = 0; i < n_; ++i) {
      if (keys_[i] == key) return static_cast<uint8_t>(i);
    }
    return 255;
  }

  // Throws unless all visible persons of [begin, end) have a pseudonym under that key. Without one
  // a person cannot be compared, and leaving it out would look like a no-hit.
  void check(uint32_t begin, uint32_t end, uint64_t key, const Sink& sink) const {
    const uint8_t at = place(key);
    if (at != 255 && (of_all_ >> at & 1) != 0) return;
    for (uint32_t row = begin; row < end; ++row) {
      const bool has = at != 255 && (of_row_[row] >> at & 1) != 0;
      if (!has && sink.visible(row)) {
        throw Error(ErrorKind::mismatch, "other_key",
                    "a reference has no pseudonym under the key of the probe");
      }
    }
  }

 private:
  uint32_t n_ = 0;
  const uint64_t* keys_ = nullptr;
  const uint8_t* of_row_ = nullptr;  // [row] bits: the keys under which a person has a pseudonym
  uint8_t of_all_ = 0;               // those under which all had one when the segment was sealed
};

}  // namespace prum::police
