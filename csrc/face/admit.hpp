// Admission of vectors to a gallery or a search, and their coding.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/face/vectors.hpp"

namespace prum::face {

enum class Normalise : uint8_t { require, apply, none };
enum class Refusal : uint8_t { none, not_finite, zero, out_of_range, not_normalised };

// Norms that a vector may have: between them no bound under- or overflows in floats.
inline constexpr double smallest_norm = 0x1p-96;
inline constexpr double largest_norm = 0x1p96;

// Judges n vectors of d dimensions and writes them, normalised if asked, to `out`, which may be
// `in`, or null where nothing is to be written. A refused vector leaves its place undefined.
void admit(const float* in, float* out, size_t n, uint32_t d, Normalise normalise, double tolerance,
           unsigned threads, Refusal* refusals);

uint32_t groups_of(uint32_t dimension);
// Signs of the rotation, max_dimension of them: a published constant, the same everywhere.
const float* rotation_signs();
// Rounded up to pairs of panels, so that scans need no odd end.
size_t panels_of(size_t rows);

// Columns of a segment; see VectorPanels. They have room for panels_of(n) panels.
struct Coded {
  uint8_t* high;
  uint8_t* low;
  float* coarse;
  float* fine;
};
void encode(const float* vectors, const float* mean, size_t n, uint32_t d, unsigned threads,
            const Coded& out);

}  // namespace prum::face
