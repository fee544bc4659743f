#include "dna/view.hpp"

#include <algorithm>
#include <bitset>
#include <string>

#include "engine/error.hpp"

namespace prum::dna {
namespace {

[[noreturn]] void refuse(const std::string& name) {
  throw Error(ErrorKind::invalid_input, "bad_segment", "column " + name + " is of a wrong shape");
}

// A column of this many axes.
const Column& shaped(const Segment& segment, const char* name, size_t axes, size_t item_bytes) {
  const Column& column = segment.column(name);
  size_t bytes = item_bytes;
  for (const size_t n : column.shape) bytes *= n;
  if (column.shape.size() != axes || column.bytes != bytes) refuse(name);
  return column;
}

// A column of bytes, with a line for each slot and room for scans behind the last entry.
const Column& scanned(const Segment& segment, const char* name, uint32_t slots, size_t entries) {
  const Column& column = shaped(segment, name, 2, 1);
  if (column.shape[0] < slots || column.shape[1] < entries + scan_padding) refuse(name);
  return column;
}

}  // namespace

View::View(const Segment& segment) : rows_(segment.rows()) {
  const Column& loci = shaped(segment, "loci", 2, 2);
  if (loci.shape[0] > max_slots || loci.shape[1] != 2) refuse("loci");
  slots_ = static_cast<uint32_t>(loci.shape[0]);
  loci_ = loci.as<uint16_t>();
  genotypes_ = segment.column("genotypes", size_t{rows_} * slots_ * 2).as<uint8_t>();
  const Column& classes = scanned(segment, "classes", slots_, rows_);
  class_stride_ = classes.shape[1];
  classes_ = classes.as<uint8_t>();
  meta_ = segment.column("meta", rows_).as<uint8_t>();
  const Column& depths = shaped(segment, "runs.depth", 1, 1);
  if (depths.shape[0] > rows_) refuse("runs.depth");
  runs_ = static_cast<uint32_t>(depths.shape[0]);
  run_depths_ = depths.as<uint8_t>();
  const Column& run_classes = scanned(segment, "runs.classes", std::min(slots_, sort_depth), runs_);
  run_stride_ = run_classes.shape[1];
  run_classes_ = run_classes.as<uint8_t>();
  run_starts_ = segment.column("runs.start", (size_t{runs_} + 1) * 4).as<uint32_t>();
  const Column& keys = shaped(segment, "escapes.key", 1, 8);
  escapes_ = keys.shape[0];
  escape_keys_ = keys.as<uint64_t>();
  escape_values_ = segment.column("escapes.value", escapes_ * 10).as<uint16_t>();
  check_loci();
}

// Loci lead to slots and to tables, so each must be known once and have a period.
void View::check_loci() const {
  std::bitset<max_slots> seen;
  for (uint32_t slot = 0; slot < slots_; ++slot) {
    const uint16_t index = locus(slot), period = loci_[2 * slot + 1];
    if (index >= max_slots || seen[index] || period == 0 || period > UINT8_MAX) throw_damaged();
    seen.set(index);
  }
}

uint32_t View::run_of(uint32_t row) const {
  const auto after = std::upper_bound(run_starts_, run_starts_ + runs_, row) - run_starts_;
  return after == 0 ? 0 : static_cast<uint32_t>(after - 1);
}

Locus View::decode(uint8_t low, uint8_t high, uint8_t period) {
  Locus locus;
  const uint16_t a = allele_length(low, period);
  locus.designations[0] = a;
  if (high == code_alone) return locus;
  locus.low = a;
  locus.high = allele_length(high, period);
  if (high != code_wildcard && high != low) locus.designations[1] = locus.high;
  return locus;
}

Locus View::escaped(uint32_t row, uint32_t slot) const {
  const uint64_t key = uint64_t{row} * slots_ + slot;
  const uint64_t* end = escape_keys_ + escapes_;
  const uint64_t* found = std::lower_bound(escape_keys_, end, key);
  if (found == end || *found != key) return {};  // an erased row
  const uint16_t* value = escape_values_ + 5 * (found - escape_keys_);
  return {value[0], value[1], {value[2], value[3], value[4]}};
}

}  // namespace prum::dna
