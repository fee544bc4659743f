#include "dna/view.hpp"

#include <algorithm>

namespace prum::dna {
View::View(const Segment& segment) : rows_(segment.rows()) {
  const Column& loci = segment.column("loci");
  slots_ = static_cast<uint32_t>(loci.shape[0]);
  loci_ = loci.as<uint16_t>();
  genotypes_ = segment.column("genotypes", size_t{rows_} * slots_ * 2).as<uint8_t>();
  const Column& classes = segment.column("classes");
  class_stride_ = classes.shape[1];
  classes_ = segment.column("classes", slots_ * (size_t{rows_} + scan_padding)).as<uint8_t>();
  meta_ = segment.column("meta", rows_).as<uint8_t>();
  const Column& depths = segment.column("runs.depth");
  runs_ = static_cast<uint32_t>(depths.shape[0]);
  run_depths_ = depths.as<uint8_t>();
  const Column& run_classes = segment.column("runs.classes");
  run_stride_ = run_classes.shape[1];
  run_classes_ = run_classes.as<uint8_t>();
  run_starts_ = segment.column("runs.start", (size_t{runs_} + 1) * 4).as<uint32_t>();
  const Column& keys = segment.column("escapes.key");
  escapes_ = keys.shape[0];
  escape_keys_ = keys.as<uint64_t>();
  escape_values_ = segment.column("escapes.value", escapes_ * 10).as<uint16_t>();
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
