// Products of codes, and the scan by parts of codes. Integers throughout. Included
// inside an anonymous namespace of each implementation, behind its operations.
#pragma once

#include "kernels/prints/constants.hpp"

// Codes of up to 16 minutiae, component by component in groups of four: [group][16][4].
static void arrange_panel(const int8_t* codes, uint32_t n, uint32_t groups, int8_t* out) {
  for (uint32_t lane = 0; lane < n; ++lane) {
    const int8_t* from = codes + size_t{lane} * code_bytes;
    for (uint32_t g = 0; g < groups; ++g)
      __builtin_memcpy(out + g * 64 + lane * 4, from + g * 4, 4);
  }
  for (uint32_t lane = n; lane < lane_block; ++lane) {
    for (uint32_t g = 0; g < groups; ++g) __builtin_memset(out + g * 64 + lane * 4, 0, 4);
  }
}

// out[i][j] for all minutiae of both prints, rows of `stride`.
template <uint32_t groups>
static void multiply(const int8_t* a, uint32_t n_a, const int8_t* b, uint32_t n_b, int8_t* panel,
                     int16_t* out, uint32_t stride) {
  for (uint32_t first = 0; first < n_b; first += lane_block) {
    const uint32_t n = n_b - first < lane_block ? n_b - first : lane_block;
    arrange_panel(b + size_t{first} * code_bytes, n, groups, panel);
    multiply_panel<groups>(a, n_a, panel, out + first, stride);
  }
}

// Sixty-four directions in which one print may be turned against the other.
static constexpr uint32_t turns = 64;

static inline uint32_t turn_between(uint8_t from, uint8_t to) {
  return static_cast<uint8_t>(to - from) >> 2;
}

// Votes of a turn and of its neighbours, in quarters.
static inline uint64_t votes_around(const uint64_t* votes, uint32_t turn) {
  const auto at = [votes, turn](uint32_t k) { return votes[(turn + turns + k - 3) % turns]; };
  return at(0) + 2 * at(1) + 4 * (at(2) + at(3) + at(4)) + 2 * at(5) + at(6);
}

static uint32_t scan_print(const Oriented& a, const StoredPrint& b, int8_t* scratch) {
  uint64_t votes[turns] = {};
  int8_t* panel = scratch;
  auto* products = reinterpret_cast<int16_t*>(scratch + code_bytes * lane_block);
  const uint32_t lanes = lanes_of(b.n);
  multiply<scan_bytes / 4>(a.codes, a.n, b.codes, b.n, panel, products, lanes);
  for (uint32_t i = 0; i < a.n; ++i) {
    const int16_t* row = products + size_t{i} * lanes;
    int32_t best = 0;
    for (uint32_t j = 0; j < lanes; ++j) {
      const int32_t key = row[j] * 4096 + static_cast<int32_t>(4095 - j);
      best = key > best ? key : best;
    }
    const int32_t over = (best >> 12) - scan_floor;
    if (over <= 0) continue;
    const uint32_t j = 4095 - (best & 4095);
    votes[turn_between(a.turn[i], static_cast<uint8_t>(b.turn[j] >> 8))] +=
        static_cast<uint64_t>(over) * static_cast<uint64_t>(over) >> 10;
  }
  uint64_t most = 0;
  for (uint32_t turn = 0; turn < turns; ++turn) {
    const uint64_t here = votes_around(votes, turn);
    most = here > most ? here : most;
  }
  const uint64_t share = most / (b.n + scan_offset);
  return share < 0xffffffff ? static_cast<uint32_t>(share) : 0xffffffff;
}
