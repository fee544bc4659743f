// Minutiae as they are compared, their surroundings, and their codes. Written once for all
// instruction sets: every lane is on its own, and sums run in one order. Included inside an
// anonymous namespace of each implementation.
#pragma once

#include "kernels/prints/constants.hpp"

static constexpr float far_away = 1e6f;

// Cosine and sine of a turn by the Taylor series around the nearest eighth, in one order: libm
// gives other last bits where it finds other instructions.
static constexpr void direction_of(uint16_t turn, float& c, float& s) {
  constexpr float step = 9.58737992428525768e-5f;  // 2 pi / 65536
  const int32_t eighth = (turn + 4096) >> 13;
  const float d = static_cast<float>(static_cast<int32_t>(turn) - (eighth << 13)) * step;
  const float d2 = d * d;
  const float cd = 1 - d2 * (0.5f - d2 * (1 / 24.0f - d2 * (1 / 720.0f)));
  const float sd = d * (1 - d2 * (1 / 6.0f - d2 * (1 / 120.0f - d2 * (1 / 5040.0f))));
  constexpr float half = 0.70710678118654752f;
  constexpr float cosines[8] = {1, half, 0, -half, -1, -half, 0, half};
  const float ce = cosines[eighth & 7], se = cosines[(eighth + 6) & 7];
  c = ce * cd - se * sd;
  s = se * cd + ce * sd;
}

static void orient(const StoredPrint& print, Oriented& out) {
  out.n = print.n;
  out.lanes = lanes_of(print.n);
  out.codes = print.codes;
  out.crowd = print.crowd;
  const uint32_t n = print.n;
  const uint16_t *from_x = print.x, *from_y = print.y, *turn = print.turn;
  float* __restrict x = out.x;
  float* __restrict y = out.y;
  uint8_t* __restrict turned = out.turn;
  for (uint32_t i = 0; i < n; ++i) {
    x[i] = static_cast<float>(from_x[i]);
    y[i] = -static_cast<float>(from_y[i]);
  }
  for (uint32_t i = 0; i < n; ++i) turned[i] = static_cast<uint8_t>(turn[i] >> 8);
  for (uint32_t i = 0; i < n; ++i) direction_of(turn[i], out.c[i], out.s[i]);
  for (uint32_t i = print.n; i < out.lanes; ++i) {
    out.x[i] = out.y[i] = far_away;
    out.c[i] = out.s[i] = 0;
    out.turn[i] = 0;
  }
}

struct CellTable {
  float x[cells];
  float y[cells];
  float narrow[cells];  // 1 / (8 width^2)
};

static constexpr CellTable cell_table() {
  CellTable table{};
  uint32_t k = 0;
  for (const CellRing& ring : cell_rings) {
    for (uint32_t i = 0; i < ring.cells; ++i, ++k) {
      float c = 0, s = 0;
      direction_of(static_cast<uint16_t>(65536 * i / ring.cells), c, s);
      table.x[k] = ring.radius * c;
      table.y[k] = ring.radius * s;
      table.narrow[k] = 1 / (8 * ring.width * ring.width);
    }
  }
  return table;
}

// (1 - d^2 / 8 w^2)^4 and ((1 + cos) / 2)^4 stand for the bells of the minutia cylinder code.
static void surround(const Oriented& print, uint32_t i, float* values) {
  static constexpr CellTable table = cell_table();
  float direction_c[cell_directions], direction_s[cell_directions];
  for (uint32_t d = 0; d < cell_directions; ++d) {
    direction_of(static_cast<uint16_t>(65536 * d / cell_directions), direction_c[d],
                 direction_s[d]);
  }
  for (uint32_t k = 0; k < neighbourhood_values; ++k) values[k] = 0;
  const float c = print.c[i], s = print.s[i];
  for (uint32_t j = 0; j < print.n; ++j) {
    const float dx = print.x[j] - print.x[i], dy = print.y[j] - print.y[i];
    if (j == i || dx * dx + dy * dy > cell_reach * cell_reach) continue;
    const float along = dx * c + dy * s, across = dy * c - dx * s;
    const float turned_c = print.c[j] * c + print.s[j] * s;
    const float turned_s = print.s[j] * c - print.c[j] * s;
    float place[cells];
    for (uint32_t k = 0; k < cells; ++k) {
      const float ex = along - table.x[k], ey = across - table.y[k];
      const float near = 1 - (ex * ex + ey * ey) * table.narrow[k];
      const float kept = near > 0 ? near * near : 0;
      place[k] = kept * kept;
    }
    for (uint32_t d = 0; d < cell_directions; ++d) {
      const float near = 0.5f + 0.5f * (turned_c * direction_c[d] + turned_s * direction_s[d]);
      const float alike = near * near * near * near;
      float* row = values + d * cells;
      for (uint32_t k = 0; k < cells; ++k) row[k] += alike * place[k];
    }
  }
  for (uint32_t k = 0; k < neighbourhood_values; ++k) {
    values[k] = values[k] / (values[k] + half_filled);
  }
}

static void code(const float* values, const float* mean, const float* matrix, int8_t* out) {
  float sums[code_bytes] = {};
  for (uint32_t k = 0; k < neighbourhood_values; ++k) {
    const float value = values[k] - mean[k];
    const float* row = matrix + size_t{k} * code_bytes;
    for (uint32_t d = 0; d < code_bytes; ++d) sums[d] += value * row[d];
  }
  double square = 0;
  for (uint32_t d = 0; d < code_bytes; ++d) square += double{sums[d]} * double{sums[d]};
  const double scale = square > 0 ? code_norm / __builtin_sqrt(square) : 0;
  for (uint32_t d = 0; d < code_bytes; ++d) {
    const double value = sums[d] * scale;
    out[d] = static_cast<int8_t>(value < 0 ? value - 0.5 : value + 0.5);
  }
}

static void count_crowd(const Oriented& print, uint8_t* out) {
  for (uint32_t i = 0; i < print.n; ++i) {
    uint32_t n = 0;
    for (uint32_t j = 0; j < print.n; ++j) {
      const float dx = print.x[j] - print.x[i], dy = print.y[j] - print.y[i];
      const float same = print.c[j] * print.c[i] + print.s[j] * print.s[i];
      n += (dx * dx + dy * dy <= crowd_square) & (same >= crowd_cosine);
    }
    out[i] = static_cast<uint8_t>(n < 1 ? 1 : n < 255 ? n : 255);
  }
}
