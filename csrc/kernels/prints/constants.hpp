// The tuned numbers of the comparison of prints; minutiae.hpp describes its steps. A new value
// changes scores, and with them all thresholds and calibrations. Included inside an anonymous
// namespace of each instruction set.
//
// A position is in units of 10 micrometres, and a tolerance is stored squared.
#pragma once

// Codes. Rings of cells around a minutia, at 0.91 to 4.67 mm: the outer ones have more cells and
// wider ones, as the skin stretches.
struct CellRing {
  float radius;
  uint32_t cells;
  float width;
};
static constexpr CellRing cell_rings[] = {{91.4f, 6, 51.2f},
                                          {182.9f, 10, 56.7f},
                                          {274.3f, 14, 62.2f},
                                          {365.8f, 16, 67.7f},
                                          {467.4f, 18, 73.8f}};
// Distance from which a minutia no longer counts: the outer ring and 2.83 of its widths.
static constexpr float cell_reach = 467.4f + 2.83f * 73.8f;
// Sum that fills a cell by half.
static constexpr float half_filled = 0.5f;
// The crowd of a minutia: others within 4 mm whose directions differ by 30 degrees at most.
static constexpr float crowd_square = 400.0f * 400.0f;
static constexpr float crowd_cosine = 0.86602540378f;

// Scan. Least product of the first scan_bytes of two codes that speaks for a pair.
static constexpr int32_t scan_floor = 3000;
// Minutiae added to every reference: a print with more minutiae has more alike ones by chance.
static constexpr uint32_t scan_offset = 40;

// Pairs. Least product that speaks for a pair: 0.3 of the greatest.
static constexpr int32_t alike_floor = 4839;
// Tolerances between two pairs: places 0.71 mm and 16 % of the distance, lengths 8 %, directions
// 0.6 (34 degrees). Pairs more than 15 mm apart do not support each other.
static constexpr float near_square = 71.0f * 71.0f;
static constexpr float place_growth = 0.16f * 0.16f;
static constexpr float length_growth = 0.08f * 0.08f;
static constexpr float turn_square = 0.36f;
static constexpr float reach_square = 1500.0f * 1500.0f;
// Rounds of relaxation.
static constexpr uint32_t relaxations = 4;

// Motions. Number of motions that are tried: that of the best supported pair, then that of the best
// pair that the earlier ones do not support.
static constexpr uint32_t motions_tried = 4;
// Weight of directions against places in a motion: (1 mm)^2.
static constexpr float direction_lever = 10000.0f;
// Tolerances of mates: 0.71 mm and 10 % of the distance from the middle of the pairs, at most
// 1.5 mm; directions 0.35 (20 degrees).
static constexpr float mate_square = 71.0f * 71.0f;
static constexpr float mate_growth = 0.1f * 0.1f;
static constexpr float mate_most = 150.0f * 150.0f;
static constexpr float mate_turn_square = 0.35f * 0.35f;
// Growth of the first two of these, as squares, while the motion is known roughly: a third in
// length.
static constexpr float first_grace = 1.7f;
// Cost that a likeness of 1 takes off a pair of mates.
static constexpr float likeness_gain = 0.5f;

// Score. Minutiae up to 0.6 mm outside the outline of the other print count as overlapping.
static constexpr float outline_margin = 60.0f;
// Minutiae added to both overlaps: a few that fit by chance must not count as a whole print.
static constexpr double overlap_offset = 12;
// Worth of a pair of mates: its presence, which counts less in a crowd, where a mate is easily
// found by chance, and its fit. Logistic regression on sample prints, rounded, with likeness as 1.
static constexpr float worth_of_mates = 0.55f;
static constexpr float worth_in_crowd = 0.22f;
static constexpr float worth_of_fit = 0.85f;
// Lengths between mates: tolerance 0.2 mm and 6 %, weight falling from 3 mm on.
static constexpr float edge_square = 20.0f * 20.0f;
static constexpr float edge_growth = 0.06f * 0.06f;
static constexpr float edge_reach = 1.0f / (300.0f * 300.0f);
static constexpr double score_scale = 100;
