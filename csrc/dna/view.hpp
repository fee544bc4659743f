// The columns of a DNA segment. Their shapes are checked once, but their contents may be damaged,
// so every use of a value as an index is checked.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "dna/genotype.hpp"
#include "engine/segments/segment.hpp"

namespace prum::dna {

// Columns by which rows are sorted; no run is deeper than this.
inline constexpr uint32_t sort_depth = 4;
// Most loci of the registry, and of a packed profile.
inline constexpr uint32_t max_slots = 255;
// A scan may read this far past the last row of a column.
inline constexpr uint32_t scan_padding = 64;

class View {
 public:
  explicit View(const Segment& segment);

  uint32_t rows() const { return rows_; }
  uint32_t slots() const { return slots_; }
  uint16_t locus(uint32_t slot) const { return loci_[2 * slot]; }
  uint8_t period(uint32_t slot) const { return static_cast<uint8_t>(loci_[2 * slot + 1]); }
  const uint8_t* classes(uint32_t slot) const { return classes_ + slot * class_stride_; }
  uint8_t meta(uint32_t row) const { return meta_[row]; }

  uint32_t runs() const { return runs_; }
  const uint8_t* run_classes(uint32_t slot) const { return run_classes_ + slot * run_stride_; }
  // Rows of a run, within the segment; the end may come before the beginning.
  uint32_t run_begin(uint32_t run) const { return std::min(run_starts_[run], rows_); }
  uint32_t run_end(uint32_t run) const { return std::min(run_starts_[run + 1], rows_); }
  uint32_t run_depth(uint32_t run) const {
    return std::min<uint32_t>(run_depths_[run], sort_depth);
  }
  uint32_t run_of(uint32_t row) const;

  Locus genotype(uint32_t row, uint32_t slot) const {
    const uint8_t* codes = genotypes_ + (size_t{row} * slots_ + slot) * 2;
    if (codes[0] == code_absent) return {};
    if (codes[0] == code_escape) return escaped(row, slot);
    return decode(codes[0], codes[1], period(slot));
  }

  static Locus decode(uint8_t low, uint8_t high, uint8_t period);

 private:
  void check_loci() const;
  Locus escaped(uint32_t row, uint32_t slot) const;

  uint32_t rows_;
  uint32_t slots_;
  const uint16_t* loci_;
  const uint8_t* genotypes_;
  const uint8_t* classes_;
  size_t class_stride_;
  const uint8_t* meta_;
  uint32_t runs_;
  const uint8_t* run_classes_;
  size_t run_stride_;
  const uint32_t* run_starts_;
  const uint8_t* run_depths_;
  const uint64_t* escape_keys_;
  const uint16_t* escape_values_;  // 5 an entry: low, high, three designations
  size_t escapes_;
};

// Packed meta byte of a row: kind, amelogenin, suspected mixture.
inline constexpr uint8_t meta_stain = 1;
inline constexpr uint8_t meta_mixture = 2;
inline uint8_t meta_of(const PackedHeader& header) {
  return static_cast<uint8_t>((header.kind & 1) | (header.flags & 1) << 1 | header.amelogenin << 4);
}
inline uint8_t amelogenin_of(uint8_t meta) { return meta >> 4; }
// Both known and different: reported beside a candidate, never counted (Annex: X/Y is no locus).
inline bool amelogenin_differs(uint8_t a, uint8_t b) {
  return a != 0 && b != 0 && a != b && ((a | b) & 4) == 0;
}

}  // namespace prum::dna
