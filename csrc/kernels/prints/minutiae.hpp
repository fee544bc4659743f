// Minutiae of prints: the data of their kernels, and the rule of the comparison score.
//
// The score of two prints is made in five steps, each the same on every instruction set: products
// of codes are integers, and numbers with fractions are added in a fixed order, lane by lane,
// without a square root or a product that is rounded differently elsewhere.
//   1. Every minutia of one against every minutia of the other: the product of their codes.
//   2. Selection of the most alike pairs, with a preference for the turn of most alike pairs.
//   3. Relaxation: a pair keeps the strength that it gets from other pairs which lie the same way
//      in both prints (Cappelli, Ferrara and Maltoni, IEEE TPAMI 32, 2010, section 4).
//   4. Turn and shift by the best supported pairs, and the minutiae that pair up under them.
//   5. Number and likeness of these mates, against the number of minutiae where the prints overlap.
//      A mate counts less in a crowd of minutiae, any of which could have been the mate.
//
// Positions are in units of 10 micrometres, y up; a turn is 65536 units counter-clockwise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prum {

inline constexpr uint32_t code_bytes = 64;  // of a minutia: one signed byte a component
inline constexpr uint32_t scan_bytes = 32;  // the first of them, which the scan looks at
inline constexpr int32_t code_norm = 127;   // length of a code: products reach its square
inline constexpr uint32_t lane_block = 16;  // arrays of lanes are padded to whole blocks
inline constexpr uint32_t max_minutiae = 4096;

// Surroundings of a minutia: one value for each cell and each difference of directions.
inline constexpr uint32_t cells = 64;
inline constexpr uint32_t cell_directions = 6;
inline constexpr uint32_t neighbourhood_values = cells * cell_directions;

// Minutiae as they are stored, y down.
struct StoredPrint {
  const uint16_t* x;
  const uint16_t* y;
  const uint16_t* turn;
  const int8_t* codes;   // [n][code_bytes]
  const uint8_t* crowd;  // minutiae around it in the same direction, itself included
  uint32_t n;
};

// Minutiae as they are compared: y up, directions as cosine and sine. Padded to whole blocks with
// minutiae that are far from everything.
struct Oriented {
  float* x;
  float* y;
  float* c;
  float* s;
  uint8_t* turn;  // 1/256
  const int8_t* codes;
  const uint8_t* crowd;
  uint32_t n;
  uint32_t lanes;
};

inline constexpr uint32_t lanes_of(uint32_t n) {
  return (n + lane_block - 1) / lane_block * lane_block;
}

// A print's outline: the least and greatest x, y, x + y, x - y.
struct Outline {
  float least[4];
  float greatest[4];
};

// A turn and a shift: b = (c * a.x - s * a.y + x, s * a.x + c * a.y + y).
struct Motion {
  float c, s, x, y;
};

// The result of a comparison.
struct PairScore {
  float score;
  uint32_t pairs;
  uint32_t overlap_a;  // minutiae where the prints overlap
  uint32_t overlap_b;
  Motion motion;
};

// Scratch of a comparison. The caller provides it for the larger of all prints that it compares.
struct PairScratch {
  int16_t* products;  // [a.n][b.lanes]
  uint32_t* alike;    // [a.n * b.lanes]: the row and the lane of a pair
  float* pair;        // [relax_arrays][most_pairs]
  float* support;     // [most_pairs][most_pairs]
  float* moved;       // [4][a.lanes]
  int32_t* cost;      // [3][lanes]: of best mates, and which; of all for one
  uint32_t* mate;     // [2][lanes]: of a in b, of b in a
  uint32_t* found;    // [a.lanes]: of a in b, of the best motion
  float* edge;        // [7][lanes]
  int8_t* panel;      // [lane_block][code_bytes]: sixteen minutiae, turned for the products
};

inline constexpr uint32_t most_pairs = 512;
inline constexpr uint32_t relax_arrays = 10;
inline constexpr uint32_t no_mate = 0xffffffff;

struct MinutiaKernels {
  // Minutiae as they are compared.
  void (*orient)(const StoredPrint& print, Oriented& out);
  // The surroundings of minutia `i`; `values` has room for neighbourhood_values.
  void (*surround)(const Oriented& print, uint32_t i, float* values);
  // values - mean, through a matrix of [neighbourhood_values][code_bytes], to a length of
  // code_norm. All zero where nothing is left.
  void (*code)(const float* values, const float* mean, const float* matrix, int8_t* out);
  // The number of minutiae around each one that point the same way: out[n].
  void (*crowd)(const Oriented& print, uint8_t* out);
  // The score of a pair of prints, and the mates behind it in scratch.found.
  void (*score)(const Oriented& a, const Oriented& b, const PairScratch& scratch, PairScore& out);
  // A likeness of two prints, by the first components of their codes alone.
  uint32_t (*scan)(const Oriented& a, const StoredPrint& b, int8_t* panel);
};

}  // namespace prum
