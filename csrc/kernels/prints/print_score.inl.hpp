// The comparison score of two prints. Included inside an anonymous namespace of each
// implementation, behind its parts.
#pragma once

#include "kernels/prints/print_align.inl.hpp"

struct Logarithms {
  float of[256];
};

// ln n = ln (n - 1) + 2 artanh(1 / (2 n - 1)).
static constexpr Logarithms logarithms() {
  Logarithms table{};
  double sum = 0;
  for (uint32_t n = 2; n < 256; ++n) {
    const double u = 1.0 / (2 * n - 1);
    double power = u, artanh = 0;
    for (uint32_t k = 1; k < 40; k += 2, power *= u * u) artanh += power / k;
    sum += 2 * artanh;
    table.of[n] = static_cast<float>(sum);
  }
  return table;
}

// The worth of a pair of mates by itself. The denser of the two crowds counts; otherwise a print
// would be more like a thinned copy than like itself.
static inline float worth_of_pair(uint8_t crowd_a, uint8_t crowd_b) {
  static constexpr Logarithms table = logarithms();
  const float worth =
      worth_of_mates - worth_in_crowd * table.of[crowd_a > crowd_b ? crowd_a : crowd_b];
  return worth > 0 ? worth : 0;
}

static Outline outline_of(const Oriented& print) {
  Outline out;
  for (uint32_t k = 0; k < 4; ++k) {
    out.least[k] = far_away;
    out.greatest[k] = -far_away;
  }
  for (uint32_t i = 0; i < print.n; ++i) {
    const float x = print.x[i], y = print.y[i];
    const float along[4] = {x, y, x + y, x - y};
    for (uint32_t k = 0; k < 4; ++k) {
      out.least[k] = along[k] < out.least[k] ? along[k] : out.least[k];
      out.greatest[k] = along[k] > out.greatest[k] ? along[k] : out.greatest[k];
    }
  }
  return out;
}

static inline bool inside(const Outline& outline, float x, float y) {
  // Diagonals are longer by the square root of two.
  constexpr float margins[4] = {outline_margin, outline_margin, 1.41421356f * outline_margin,
                                1.41421356f * outline_margin};
  const float along[4] = {x, y, x + y, x - y};
  bool in = true;
  for (uint32_t k = 0; k < 4; ++k) {
    in &= along[k] >= outline.least[k] - margins[k] && along[k] <= outline.greatest[k] + margins[k];
  }
  return in;
}

// Counts the minutiae of each print within the outline of the other.
static void count_overlap(const Oriented& a, const Oriented& b, const PairScratch& scratch,
                          PairScore& out) {
  const Outline of_a = outline_of(a), of_b = outline_of(b);
  const Motion& m = out.motion;
  uint32_t* mated_b = scratch.mate + a.lanes;
  for (uint32_t j = 0; j < b.n; ++j) mated_b[j] = 0;
  out.overlap_a = out.overlap_b = 0;
  for (uint32_t i = 0; i < a.n; ++i) {
    const uint32_t j = scratch.found[i];
    const bool mated = j != no_mate;
    if (mated) mated_b[j] = 1;
    const float x = m.c * a.x[i] - m.s * a.y[i] + m.x, y = m.s * a.x[i] + m.c * a.y[i] + m.y;
    out.overlap_a += mated || inside(of_b, x, y);
  }
  for (uint32_t j = 0; j < b.n; ++j) {
    const float dx = b.x[j] - m.x, dy = b.y[j] - m.y;
    out.overlap_b += mated_b[j] != 0 || inside(of_a, m.c * dx + m.s * dy, m.c * dy - m.s * dx);
  }
}

// For each mate, the agreement of its distances to the other mates in both prints, 0 to 1.
static void weigh_edges(const Oriented& a, const Oriented& b, const PairScratch& scratch,
                        uint32_t n, float* agreement) {
  const uint32_t lanes = lanes_of(n);
  float *ax = scratch.edge, *ay = ax + a.lanes, *bx = ay + a.lanes, *by = bx + a.lanes;
  float *sum = by + a.lanes, *weight = sum + a.lanes;
  uint32_t k = 0;
  for (uint32_t i = 0; i < a.n; ++i) {
    const uint32_t j = scratch.found[i];
    if (j == no_mate) continue;
    ax[k] = a.x[i];
    ay[k] = a.y[i];
    bx[k] = b.x[j];
    by[k++] = b.y[j];
  }
  for (k = 0; k < lanes; ++k) {
    if (k >= n) ax[k] = ay[k] = bx[k] = by[k] = far_away;
    sum[k] = weight[k] = 0;
  }
  for (uint32_t q = 0; q < n; ++q) {
    const float qax = ax[q], qay = ay[q], qbx = bx[q], qby = by[q];
    for (uint32_t p = 0; p < lanes; ++p) {
      const float dax = ax[p] - qax, day = ay[p] - qay, dbx = bx[p] - qbx, dby = by[p] - qby;
      const float square_a = dax * dax + day * day, square_b = dbx * dbx + dby * dby;
      const float both = square_a + square_b, longer = square_a - square_b;
      const float off =
          longer * longer / ((2 * both + 1) * (edge_square + edge_growth * 0.5f * both));
      const float close = 1 / (1 + 0.25f * off);
      float w = 1 / (1 + edge_reach * 0.5f * both);
      w = p == q ? 0 : w;
      sum[p] += w * (close * close);
      weight[p] += w;
    }
  }
  for (uint32_t p = 0; p < n; ++p) agreement[p] = weight[p] > 0 ? sum[p] / weight[p] : 0;
}

static void judge(const Oriented& a, const Oriented& b, const PairScratch& scratch,
                  const Placed& placed, PairScore& out) {
  float* agreement = scratch.edge + 6 * size_t{a.lanes};
  weigh_edges(a, b, scratch, out.pairs, agreement);
  double worth = 0;
  uint32_t k = 0;
  for (uint32_t i = 0; i < a.n; ++i) {
    const uint32_t j = scratch.found[i];
    if (j == no_mate) continue;
    const float fit = fit_of(a, b, scratch, placed, i, j);
    const float likeness = likeness_of(scratch, b, i, j);
    worth +=
        worth_of_pair(a.crowd[i], b.crowd[j]) + fit * (worth_of_fit + likeness) * agreement[k++];
  }
  count_overlap(a, b, scratch, out);
  const double room = (out.overlap_a + overlap_offset) * (out.overlap_b + overlap_offset);
  out.score = static_cast<float>(score_scale * worth / __builtin_sqrt(room));
}

// The worth of a motion, for the choice among those that are tried.
static float promise(const Oriented& a, const Oriented& b, const PairScratch& scratch,
                     const Placed& placed) {
  float sum = 0;
  for (uint32_t i = 0; i < a.n; ++i) {
    const uint32_t j = scratch.mate[i];
    if (j == no_mate) continue;
    sum += fit_of(a, b, scratch, placed, i, j) * (worth_of_fit + likeness_of(scratch, b, i, j));
  }
  return sum;
}

static void score_pair(const Oriented& a, const Oriented& b, const PairScratch& scratch,
                       PairScore& out) {
  out = {0, 0, 0, 0, {1, 0, 0, 0}};
  for (uint32_t i = 0; i < a.n; ++i) scratch.found[i] = no_mate;
  if (a.n == 0 || b.n == 0) return;
  multiply<code_bytes / 4>(a.codes, a.n, b.codes, b.n, scratch.panel, scratch.products, b.lanes);
  const uint32_t alike = collect_alike(a, b, scratch);
  if (alike == 0) return;
  uint32_t weights[turns];
  weigh_turns(a, b, scratch, alike, weights);
  const uint32_t kept = keep_best(a, b, scratch, weights, alike, pairs_kept(a.n, b.n));
  const Alike pairs = lay_out(a, b, scratch, weights, kept);
  support_pairs(pairs, scratch.support);
  relax(pairs, scratch.support);

  bool tried[most_pairs] = {};
  Placed best{};
  float most = -1;
  for (uint32_t round = 0; round < motions_tried; ++round) {
    uint32_t u = kept;
    for (uint32_t v = 0; v < kept; ++v) {
      if (!tried[v] && (u == kept || pairs.strength[v] > pairs.strength[u])) u = v;
    }
    if (u == kept) break;
    tried[u] = true;
    for (uint32_t v = 0; v < kept; ++v) {
      tried[v] |= scratch.support[size_t{u} * most_pairs + v] > 0;
    }
    Placed placed;
    if (!motion_of_pair(pairs, scratch.support, u, placed)) continue;
    if (find_mates(a, b, scratch, placed, first_grace) == 0) continue;
    const float here = promise(a, b, scratch, placed);
    if (here <= most || !motion_of_mates(a, b, scratch, placed)) continue;
    most = here;
    best = placed;
  }
  if (most < 0) return;
  out.pairs = find_mates(a, b, scratch, best, 1);
  out.motion = best.motion;
  for (uint32_t i = 0; i < a.n; ++i) scratch.found[i] = scratch.mate[i];
  if (out.pairs > 0) judge(a, b, scratch, best, out);
}
