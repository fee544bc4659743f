// Coded vectors: the data of the kernels for embeddings.
//
// A vector x of d dimensions, rotated so that its components are of a size, is coded by a step and
// one byte c a dimension, split in two nibbles:
//   both nibbles:      x[j] ~ step / 16 * (c[j] - 127.5),  c = 16 * high + low
//   high nibble alone: x[j] ~ step * (high[j] - 7.5)
// The norm of the coding error is stored with the row, rounded up. Cauchy-Schwarz then bounds the
// inner product with any probe from above, for any data.
//
// Dimensions are padded to whole groups of 8. A group is 4 bytes: byte b holds dimension b in its
// low nibble and dimension b + 4 in its high nibble.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prum {

inline constexpr uint32_t panel_rows = 16;  // rows whose high nibbles lie interleaved
inline constexpr uint32_t group_dims = 8;
inline constexpr uint32_t group_bytes = 4;
inline constexpr uint32_t block_probes = 12;  // probes that share the registers of a tile
inline constexpr uint32_t max_dimension = 4096;

// Rows in panels of 16; the last one is padded. Nothing here is ever trusted further than a bound:
// scores come from the vectors themselves.
struct VectorPanels {
  const uint8_t* high;  // [panel][group][row][4]
  const uint8_t* low;   // [row][group][4]
  const float* coarse;  // [panel][3][row]: step, norm of the error, norm of the coded vector
  const float* fine;    // [row][4]: norm of the error, norm of the coded vector, norm of the
                        // coarse error behind head_groups, step
  uint32_t groups;      // a multiple of 8
};

// A probe q is coded as step * codes, one signed byte a dimension. With sums of products in
// integers, for a row with error e and coded vector y,
//   <q, x> <= base + row step * step * (sum - offset) + |e| * error_factor + |y| * norm_factor
// where the last factor covers the coding error of the probe and all roundings.
struct ProbeTerms {
  float step;
  float base;
  float error_factor;
  float norm_factor;
  int32_t coarse_offset;  // floor(7.5 * sum of codes): rounded to the safe side
  int32_t fine_offset;    // full_offset - 16 * coarse_offset: 16 coarse sums hold the rest
  int32_t head_offset;    // floor(7.5 * sum of codes of the head)
  float head_factor;      // the error factor of the head, and of the rest
  float tail_factor;
  int32_t full_offset;  // floor(127.5 * sum of codes)
};

struct ProbeBlock {
  const int8_t* codes;  // [group][probe][8], dimensions in their order
  const int8_t* split;  // [probe][2][group][4]: dimensions 0-3 of all groups, then 4-7
  const ProbeTerms* terms;
  uint32_t probes;  // at most block_probes
};

// Rows that may reach the floor, with their upper bounds; each array needs room for 16 more rows
// than are scanned.
struct Survivors {
  uint32_t* rows;
  float* upper;
  int32_t* sums;
  uint32_t n;
};

// A coded vector, as `encode` writes it.
struct VectorCode {
  uint8_t* high;  // [group][4]
  uint8_t* low;   // [group][4]
  float step, coarse_error, coarse_norm, fine_error, fine_norm, tail_error;
};

// Low nibbles of these first groups are looked at before the rest: whole cache lines, about half.
inline uint32_t head_groups(uint32_t groups) { return groups / 32 * 16; }

struct VectorKernels {
  // Rows of the panels [first, last) that may reach `floors[p]` by their high nibbles, appended to
  // survivors[p], with the sums that `refine` goes on from.
  void (*scan_high)(const VectorPanels& panels, const ProbeBlock& block, const float* floors,
                    uint32_t first, uint32_t last, Survivors* survivors);
  // Keeps those survivors of probe `p` of the block that may reach the floor by both nibbles.
  void (*refine)(const VectorPanels& panels, const ProbeBlock& block, uint32_t p, float floor,
                 Survivors& survivors);
  // Rows of the panels [first, last), an even number of them, that may reach the floors by both
  // nibbles. `scratch` holds 256 bytes a group, on a 64-byte boundary. Null where the instruction
  // set has no product of bytes that keeps all bits.
  void (*scan_full)(const VectorPanels& panels, const ProbeBlock* blocks, uint32_t n_blocks,
                    const float* floors, uint32_t first, uint32_t last, uint8_t* scratch,
                    Survivors* survivors);
  // Sum of squares; NaN or infinite if and only if a component is.
  double (*square_norm)(const float* x, uint32_t n);
  // The exact inner product, correctly rounded. `norms` is at least the product of the norms.
  double (*exact_dot)(const float* a, const float* b, uint32_t n, double norms);
  // Rotates a vector of 8 dimensions a group by a fixed orthogonal map. `signs` are ones and
  // minus ones without a pattern, as many.
  void (*rotate)(float* x, uint32_t n, const float* signs);
  // Codes the rotated vector - mean; `mean` may be null.
  void (*encode)(const float* vector, const float* mean, const float* signs, uint32_t d,
                 uint32_t groups, VectorCode& code);
};

}  // namespace prum
