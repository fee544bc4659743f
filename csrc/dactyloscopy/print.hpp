// The minutiae of one print, in their canonical order, ready to be compared.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"

namespace prum::dactyloscopy {

// Positions of the minutiae of a print in the order in which they are compared: by y, x and turn.
// A score is the same however the caller sorts them.
std::vector<uint16_t> canonical_order(const uint16_t* x, const uint16_t* y, const uint16_t* turn,
                                      uint32_t n);

// Which of two prints comes first, by their minutiae alone: a score is the same both ways round.
bool precedes(const StoredPrint& a, const StoredPrint& b);

// Room for a print as the kernels compare it.
class Room {
 public:
  const Oriented& orient(const StoredPrint& print);
  const Oriented& oriented() const { return oriented_; }

 private:
  uint32_t lanes_ = 0;
  std::vector<float> lines_;
  std::vector<uint8_t> turns_;
  Oriented oriented_{};
};

// A print that owns its minutiae.
class Print {
 public:
  Print(std::vector<uint16_t> x, std::vector<uint16_t> y, std::vector<uint16_t> turn,
        std::vector<int8_t> codes, std::vector<uint8_t> crowd);
  Print(const Print&) = delete;
  Print& operator=(const Print&) = delete;

  StoredPrint stored() const;
  const Oriented& oriented() const { return room_.oriented(); }
  uint32_t size() const { return static_cast<uint32_t>(x_.size()); }

 private:
  std::vector<uint16_t> x_, y_, turn_;
  std::vector<int8_t> codes_;
  std::vector<uint8_t> crowd_;
  Room room_;
};

}  // namespace prum::dactyloscopy
