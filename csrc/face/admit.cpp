#include "face/admit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "engine/pool.hpp"
#include "engine/tier.hpp"

namespace prum::face {
namespace {

constexpr size_t rows_of_task = 4096;

Refusal judge(double square, Normalise normalise, double tolerance) {
  if (!std::isfinite(square)) return Refusal::not_finite;
  if (square == 0) return Refusal::zero;
  const double norm = std::sqrt(square);
  switch (normalise) {
    case Normalise::require:
      return std::abs(norm - 1) <= tolerance ? Refusal::none : Refusal::not_normalised;
    case Normalise::apply:
      return Refusal::none;
    case Normalise::none:
      break;
  }
  return norm >= smallest_norm && norm <= largest_norm ? Refusal::none : Refusal::out_of_range;
}

void encode_panel(const VectorKernels& kernels, const float* vectors, const float* mean, size_t n,
                  uint32_t d, size_t panel, const Coded& out) {
  const uint32_t groups = groups_of(d);
  const size_t bytes = size_t{groups} * group_bytes;
  uint8_t* high = out.high + panel * groups * 64;
  float* coarse = out.coarse + panel * 48;
  float* fine = out.fine + panel * 64;
  uint8_t row_high[max_dimension / 2 + 32] = {};
  for (uint32_t lane = 0; lane < panel_rows; ++lane) {
    const size_t row = panel * panel_rows + lane;
    VectorCode code{row_high, out.low + row * bytes, 0, 0, 0, 0, 0, 0};
    if (row < n) {
      kernels.encode(vectors + row * d, mean, rotation_signs(), d, groups, code);
    } else {
      std::memset(code.high, 0, bytes);
      std::memset(code.low, 0, bytes);
    }
    for (uint32_t g = 0; g < groups; ++g) {
      std::memcpy(high + g * 64 + lane * 4, row_high + g * 4, 4);
    }
    coarse[lane] = code.step;
    coarse[16 + lane] = code.coarse_error;
    coarse[32 + lane] = code.coarse_norm;
    fine[4 * lane] = code.fine_error;
    fine[4 * lane + 1] = code.fine_norm;
    fine[4 * lane + 2] = code.tail_error;
    fine[4 * lane + 3] = code.step;
  }
}

}  // namespace

void admit(const float* in, float* out, size_t n, uint32_t d, Normalise normalise, double tolerance,
           unsigned threads, Refusal* refusals) {
  const VectorKernels& kernels = kernels_in_use().vectors;
  parallel_for((n + rows_of_task - 1) / rows_of_task, threads, [&](size_t task, unsigned) {
    const size_t end = std::min(n, (task + 1) * rows_of_task);
    for (size_t row = task * rows_of_task; row < end; ++row) {
      const float* x = in + row * d;
      const double square = kernels.square_norm(x, d);
      refusals[row] = judge(square, normalise, tolerance);
      if (out == nullptr || refusals[row] != Refusal::none) continue;
      float* y = out + row * d;
      if (normalise == Normalise::apply) {
        const double norm = std::sqrt(square);
        for (uint32_t j = 0; j < d; ++j) y[j] = static_cast<float>(x[j] / norm);
      } else if (x != y) {
        std::memcpy(y, x, d * sizeof(float));
      }
    }
  });
}

const float* rotation_signs() {
  static const auto signs = [] {
    std::array<float, max_dimension> out;
    for (uint32_t j = 0; j < max_dimension; ++j) {
      uint32_t bits = (j + 1) * 0x9E3779B1u;  // a mixing function: MurmurHash3's finaliser
      bits = (bits ^ bits >> 16) * 0x85EBCA6Bu;
      bits = (bits ^ bits >> 13) * 0xC2B2AE35u;
      out[j] = ((bits ^ bits >> 16) & 1) != 0 ? 1.0f : -1.0f;
    }
    return out;
  }();
  return signs.data();
}

uint32_t groups_of(uint32_t dimension) { return (dimension + 63) / 64 * 8; }

size_t panels_of(size_t rows) { return (rows + 2 * panel_rows - 1) / (2 * panel_rows) * 2; }

void encode(const float* vectors, const float* mean, size_t n, uint32_t d, unsigned threads,
            const Coded& out) {
  const VectorKernels& kernels = kernels_in_use().vectors;
  constexpr size_t panels_of_task = rows_of_task / panel_rows;
  const size_t panels = panels_of(n);
  parallel_for((panels + panels_of_task - 1) / panels_of_task, threads, [&](size_t task, unsigned) {
    const size_t end = std::min(panels, (task + 1) * panels_of_task);
    for (size_t panel = task * panels_of_task; panel < end; ++panel) {
      encode_panel(kernels, vectors, mean, n, d, panel, out);
    }
  });
}

}  // namespace prum::face
