// From supported pairs to a motion, the minutiae that then pair up, and the score. Included inside
// an anonymous namespace of each implementation.
#pragma once

#include "kernels/prints/print_pairs.inl.hpp"

// Sums from which a motion follows.
struct MotionSums {
  double weight = 0, ax = 0, ay = 0, bx = 0, by = 0, dot = 0, cross = 0, c = 0, s = 0;

  void add(double w, double x, double y, double to_x, double to_y, double turn_c, double turn_s) {
    weight += w;
    ax += w * x;
    ay += w * y;
    bx += w * to_x;
    by += w * to_y;
    dot += w * (x * to_x + y * to_y);
    cross += w * (x * to_y - y * to_x);
    c += w * turn_c;
    s += w * turn_s;
  }

  // The least squares (Umeyama, IEEE TPAMI 13, 1991), places and directions together.
  bool solve(Motion& out, float& middle_x, float& middle_y) const {
    if (!(weight > 0)) return false;
    const double mx = ax / weight, my = ay / weight, nx = bx / weight, ny = by / weight;
    const double along = dot - weight * (mx * nx + my * ny) + direction_lever * c;
    const double around = cross - weight * (mx * ny - my * nx) + direction_lever * s;
    const double length = __builtin_sqrt(along * along + around * around);
    if (!(length > 0)) return false;
    const double turn_c = along / length, turn_s = around / length;
    out = {static_cast<float>(turn_c), static_cast<float>(turn_s),
           static_cast<float>(nx - (turn_c * mx - turn_s * my)),
           static_cast<float>(ny - (turn_s * mx + turn_c * my))};
    middle_x = static_cast<float>(mx);
    middle_y = static_cast<float>(my);
    return true;
  }
};

struct Placed {
  Motion motion;
  float middle_x, middle_y;  // of the pairs behind the motion, in a
};

// Moves the minutiae of a: x, y, c, s in lanes.
static void move(const Oriented& a, const Motion& m, float* moved) {
  const uint32_t lanes = a.lanes;
  const float *from_x = a.x, *from_y = a.y, *from_c = a.c, *from_s = a.s;
  float* __restrict x = moved;
  float* __restrict y = x + lanes;
  float* __restrict c = y + lanes;
  float* __restrict s = c + lanes;
  const Motion by = m;
  for (uint32_t i = 0; i < lanes; ++i) {
    x[i] = by.c * from_x[i] - by.s * from_y[i] + by.x;
    y[i] = by.s * from_x[i] + by.c * from_y[i] + by.y;
    c[i] = by.c * from_c[i] - by.s * from_s[i];
    s[i] = by.s * from_c[i] + by.c * from_s[i];
  }
}

static inline float tolerance_at(float dx, float dy) {
  const float square = mate_square + mate_growth * (dx * dx + dy * dy);
  return square < mate_most ? square : mate_most;
}

// A cost of -1 to 2 and the index of the minutia, in one number: the lesser is the better mate.
static constexpr float cost_scale = 131072.0f;
static constexpr int32_t cost_none = 0x7fffffff;

// A moved minutia of a, and the inverse of its tolerance.
struct Moved {
  float x, y, c, s, narrow;
};

// The least cost of a minutia of b as its mate. `best_b` keeps the least cost so far of each
// minutia of b. Both hold the index of the mate too.
static int32_t least_cost(const Moved& from, int32_t place, const Oriented& b, const int16_t* row,
                          int32_t* __restrict costs, int32_t* __restrict best_b) {
  const float *bx = b.x, *by = b.y, *bc = b.c, *bs = b.s;
  const uint32_t lanes = b.lanes;
  const float x = from.x, y = from.y, c = from.c, s = from.s, narrow = from.narrow;
  for (uint32_t j = 0; j < lanes; ++j) {
    const float ex = x - bx[j], ey = y - by[j];
    const float away = (ex * ex + ey * ey) * narrow;
    const float turned = (2 - 2 * (c * bc[j] + s * bs[j])) * (1 / mate_turn_square);
    const float likeness = static_cast<float>(row[j]) * (likeness_gain / 16129.0f);
    const bool near = (away < 1) & (turned < 1);
    const float cost = near ? away + turned - likeness : 2.0f;
    const int32_t step = static_cast<int32_t>((cost + 1) * cost_scale) << lane_bits;
    const int32_t for_b = near ? step | place : cost_none;
    costs[j] = near ? step | static_cast<int32_t>(j) : cost_none;
    best_b[j] = for_b < best_b[j] ? for_b : best_b[j];
  }
  // A loop of its own: the compiler takes the least of lanes only if nothing else goes on.
  int32_t best = cost_none;
  for (uint32_t j = 0; j < lanes; ++j) best = costs[j] < best ? costs[j] : best;
  return best;
}

// Finds mates: two minutiae, each the best one for the other.
static uint32_t find_mates(const Oriented& a, const Oriented& b, const PairScratch& scratch,
                           const Placed& placed, float grace) {
  move(a, placed.motion, scratch.moved);
  const float *x = scratch.moved, *y = x + a.lanes, *c = y + a.lanes, *s = c + a.lanes;
  const Motion& m = placed.motion;
  const float mid_x = m.c * placed.middle_x - m.s * placed.middle_y + m.x;
  const float mid_y = m.s * placed.middle_x + m.c * placed.middle_y + m.y;
  int32_t *best_a = scratch.cost, *best_b = best_a + a.lanes, *costs = best_b + b.lanes;
  for (uint32_t j = 0; j < b.lanes; ++j) best_b[j] = cost_none;
  for (uint32_t i = 0; i < a.n; ++i) {
    const float narrow = 1 / (tolerance_at(x[i] - mid_x, y[i] - mid_y) * grace);
    best_a[i] = least_cost({x[i], y[i], c[i], s[i], narrow}, static_cast<int32_t>(i), b,
                           scratch.products + size_t{i} * b.lanes, costs, best_b);
  }
  uint32_t mates = 0;
  for (uint32_t i = 0; i < a.n; ++i) {
    scratch.mate[i] = no_mate;
    if (best_a[i] == cost_none) continue;
    const uint32_t j = static_cast<uint32_t>(best_a[i]) & lane_mask;
    if ((static_cast<uint32_t>(best_b[j]) & lane_mask) != i) continue;
    scratch.mate[i] = j;
    ++mates;
  }
  return mates;
}

// How well mates fit, 0 to 1.
static inline float fit_of(const Oriented& a, const Oriented& b, const PairScratch& scratch,
                           const Placed& placed, uint32_t i, uint32_t j) {
  const float *x = scratch.moved, *y = x + a.lanes, *c = y + a.lanes, *s = c + a.lanes;
  const Motion& m = placed.motion;
  const float mid_x = m.c * placed.middle_x - m.s * placed.middle_y + m.x;
  const float mid_y = m.s * placed.middle_x + m.c * placed.middle_y + m.y;
  const float ex = x[i] - b.x[j], ey = y[i] - b.y[j];
  const float away = (ex * ex + ey * ey) / tolerance_at(x[i] - mid_x, y[i] - mid_y);
  const float turned = (2 - 2 * (c[i] * b.c[j] + s[i] * b.s[j])) * (1 / mate_turn_square);
  const float fit = (1 - away) * (1 - turned);
  return away < 1 && turned < 1 ? fit : 0;
}

static inline float likeness_of(const PairScratch& scratch, const Oriented& b, uint32_t i,
                                uint32_t j) {
  const int16_t product = scratch.products[size_t{i} * b.lanes + j];
  return product > 0 ? static_cast<float>(product) * (1 / 16129.0f) : 0;
}

// The motion of a pair and of all that it supports.
static bool motion_of_pair(const Alike& p, const float* support, uint32_t u, Placed& out) {
  MotionSums sums;
  const float* row = support + size_t{u} * most_pairs;
  for (uint32_t v = 0; v < p.n; ++v) {
    const double w = v == u ? p.strength[u] : row[v] * p.strength[v];
    if (w > 0) sums.add(w, p.ax[v], p.ay[v], p.bx[v], p.by[v], p.c[v], p.s[v]);
  }
  return sums.solve(out.motion, out.middle_x, out.middle_y);
}

// The motion of the mates.
static bool motion_of_mates(const Oriented& a, const Oriented& b, const PairScratch& scratch,
                            Placed& out) {
  MotionSums sums;
  for (uint32_t i = 0; i < a.n; ++i) {
    const uint32_t j = scratch.mate[i];
    if (j == no_mate) continue;
    sums.add(1, a.x[i], a.y[i], b.x[j], b.y[j], a.c[i] * b.c[j] + a.s[i] * b.s[j],
             a.c[i] * b.s[j] - a.s[i] * b.c[j]);
  }
  return sums.solve(out.motion, out.middle_x, out.middle_y);
}
