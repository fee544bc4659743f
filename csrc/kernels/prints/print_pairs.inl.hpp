// Candidates for mates: the most alike pairs of minutiae of two prints, and their support.
// Included inside an anonymous namespace of each implementation.
#pragma once

#include "kernels/prints/print_codes.inl.hpp"
#include "kernels/prints/print_products.inl.hpp"

// A pair of minutiae is a number: the minutia of a in the high bits, that of b in the low ones.
static constexpr uint32_t lane_bits = 12;
static constexpr uint32_t lane_mask = (1u << lane_bits) - 1;

// The number of pairs that are kept: more for prints with many minutiae, such as palms.
static inline uint32_t pairs_kept(uint32_t n_a, uint32_t n_b) {
  const uint32_t all = n_a * n_b, usual = 128 * 128;
  const uint32_t kept = 64 + (n_a + n_b) / 8 + (all > usual ? (all - usual) / 128 : 0);
  return kept < most_pairs ? kept : most_pairs;
}

// Pairs whose products are above the floor, in the order of both prints.
static uint32_t collect_alike(const Oriented& a, const Oriented& b, const PairScratch& scratch) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < a.n; ++i) {
    const int16_t* row = scratch.products + size_t{i} * b.lanes;
    for (uint32_t first = 0; first < b.lanes; first += lane_block) {
      for (uint32_t above = lanes_above(row + first, alike_floor); above != 0; above &= above - 1) {
        const auto lane = static_cast<uint32_t>(__builtin_ctz(above));
        scratch.alike[n++] = i << lane_bits | (first + lane);
      }
    }
  }
  return n;
}

// A weight from 128 to 256 for each turn, by the alike pairs with that turn.
static void weigh_turns(const Oriented& a, const Oriented& b, const PairScratch& scratch,
                        uint32_t n, uint32_t* weights) {
  uint64_t votes[turns] = {};
  for (uint32_t k = 0; k < n; ++k) {
    const uint32_t i = scratch.alike[k] >> lane_bits, j = scratch.alike[k] & lane_mask;
    const int64_t over = scratch.products[size_t{i} * b.lanes + j] - alike_floor;
    votes[turn_between(a.turn[i], b.turn[j])] += static_cast<uint64_t>(over * over);
  }
  uint64_t smooth[turns], most = 1;
  for (uint32_t turn = 0; turn < turns; ++turn) {
    smooth[turn] = votes_around(votes, turn);
    most = smooth[turn] > most ? smooth[turn] : most;
  }
  for (uint32_t turn = 0; turn < turns; ++turn) {
    weights[turn] = 128 + static_cast<uint32_t>(smooth[turn] * 128 / most);
  }
}

static inline uint32_t weighed(const Oriented& a, const Oriented& b, const PairScratch& scratch,
                               const uint32_t* weights, uint32_t pair) {
  const uint32_t i = pair >> lane_bits, j = pair & lane_mask;
  const auto product = static_cast<uint32_t>(scratch.products[size_t{i} * b.lanes + j]);
  return product * weights[turn_between(a.turn[i], b.turn[j])] >> 8;
}

// Leaves the best `keep` of n pairs in scratch.alike, in their order.
static uint32_t keep_best(const Oriented& a, const Oriented& b, const PairScratch& scratch,
                          const uint32_t* weights, uint32_t n, uint32_t keep) {
  if (n <= keep) return n;
  // Weighed products are below 2^15; codes are rounded, some to more than code_norm. The 2^9 coarse
  // steps first, then the 2^6 within one.
  uint32_t coarse[512] = {}, fine[64] = {};
  for (uint32_t k = 0; k < n; ++k) ++coarse[weighed(a, b, scratch, weights, scratch.alike[k]) >> 6];
  uint32_t step = 511, above = 0;
  while (above + coarse[step] < keep) above += coarse[step--];
  for (uint32_t k = 0; k < n; ++k) {
    const uint32_t value = weighed(a, b, scratch, weights, scratch.alike[k]);
    if (value >> 6 == step) ++fine[value & 63];
  }
  uint32_t part = 63;
  while (above + fine[part] < keep) above += fine[part--];
  const uint32_t floor = step << 6 | part;
  uint32_t ties = keep - above, kept = 0;
  for (uint32_t k = 0; k < n; ++k) {
    const uint32_t value = weighed(a, b, scratch, weights, scratch.alike[k]);
    if (value < floor || (value == floor && ties == 0)) continue;
    if (value == floor) --ties;
    scratch.alike[kept++] = scratch.alike[k];
  }
  return kept;
}

// Pairs in arrays of lanes.
struct Alike {
  float *ax, *ay, *bx, *by, *c, *s, *strength, *next, *i, *j;
  uint32_t n, lanes;
};

static Alike lay_out(const Oriented& a, const Oriented& b, const PairScratch& scratch,
                     const uint32_t* weights, uint32_t n) {
  Alike out;
  float** arrays[] = {&out.ax, &out.ay,       &out.bx,   &out.by, &out.c,
                      &out.s,  &out.strength, &out.next, &out.i,  &out.j};
  for (uint32_t k = 0; k < relax_arrays; ++k) *arrays[k] = scratch.pair + k * most_pairs;
  out.n = n;
  out.lanes = lanes_of(n);
  for (uint32_t k = 0; k < n; ++k) {
    const uint32_t i = scratch.alike[k] >> lane_bits, j = scratch.alike[k] & lane_mask;
    out.ax[k] = a.x[i];
    out.ay[k] = a.y[i];
    out.bx[k] = b.x[j];
    out.by[k] = b.y[j];
    out.c[k] = a.c[i] * b.c[j] + a.s[i] * b.s[j];
    out.s[k] = a.c[i] * b.s[j] - a.s[i] * b.c[j];
    out.strength[k] =
        static_cast<float>(weighed(a, b, scratch, weights, scratch.alike[k])) * (1 / 16129.0f);
    out.i[k] = static_cast<float>(i);
    out.j[k] = static_cast<float>(j);
  }
  for (uint32_t k = n; k < out.lanes; ++k) {
    for (float** array : arrays) (*array)[k] = 0;
    out.i[k] = out.j[k] = -1;
    out.ax[k] = far_away;
  }
  return out;
}

// support[u][v]: how well pairs u and v lie alike in both prints, 0 to 1.
static void support_pairs(const Alike& p, float* support) {
  const float *pax = p.ax, *pay = p.ay, *pbx = p.bx, *pby = p.by, *pc = p.c, *ps = p.s;
  const float *pi = p.i, *pj = p.j;
  const uint32_t lanes = p.lanes;
  for (uint32_t u = 0; u < p.n; ++u) {
    float* __restrict row = support + size_t{u} * most_pairs;
    const float ax = p.ax[u], ay = p.ay[u], bx = p.bx[u], by = p.by[u], c = p.c[u], s = p.s[u];
    const float i = p.i[u], j = p.j[u];
    for (uint32_t v = 0; v < lanes; ++v) {
      const float dax = pax[v] - ax, day = pay[v] - ay;
      const float dbx = pbx[v] - bx, dby = pby[v] - by;
      // |difference of turns|^2, nearly.
      const float turned = 2 - 2 * (c * pc[v] + s * ps[v]);
      // The mean turn; 1 / sqrt(4 - turned) as a series around 4.
      const float to_unit = 0.5f + turned * (0.0625f + turned * 0.01171875f);
      const float mc = (c + pc[v]) * to_unit, ms = (s + ps[v]) * to_unit;
      const float ex = mc * dax - ms * day - dbx, ey = ms * dax + mc * day - dby;
      const float square_a = dax * dax + day * day, square_b = dbx * dbx + dby * dby;
      const float both = square_a + square_b;
      const float place = 1 - (ex * ex + ey * ey) / (near_square + place_growth * 0.5f * both);
      // (a - b)^2 for lengths a, b, nearly; the turn does not blur it.
      const float longer = square_a - square_b;
      const float length =
          1 - longer * longer / ((2 * both + 1) * (near_square + length_growth * 0.5f * both));
      const float turn = 1 - turned * (1 / turn_square);
      float w = place > 0 ? place : 0;
      w *= length > 0 ? length : 0;
      w *= turn > 0 ? turn : 0;
      w = both > 2 * reach_square ? 0 : w;
      w = pi[v] == i ? 0 : w;
      row[v] = pj[v] == j ? 0 : w;
    }
  }
}

// Passes strength from each pair to the pairs that it supports.
static void relax(const Alike& p, const float* support) {
  const uint32_t lanes = p.lanes;
  float* __restrict next = p.next;
  float* __restrict strengths = p.strength;
  for (uint32_t round = 0; round < relaxations; ++round) {
    for (uint32_t u = 0; u < lanes; ++u) next[u] = 0;
    for (uint32_t v = 0; v < p.n; ++v) {
      const float* row = support + size_t{v} * most_pairs;
      const float strength = strengths[v];
      for (uint32_t u = 0; u < lanes; ++u) next[u] += row[u] * strength;
    }
    float most = 1e-9f;
    for (uint32_t u = 0; u < p.n; ++u) most = next[u] > most ? next[u] : most;
    const float share = 0.5f / most;
    for (uint32_t u = 0; u < lanes; ++u) strengths[u] = 0.5f * strengths[u] + share * next[u];
  }
}
