#include "dactyloscopy/describe.hpp"

#include "dactyloscopy/print.hpp"
#include "engine/tier.hpp"

namespace prum::dactyloscopy {

void Describer::describe(const StoredPrint& print, int8_t* codes, uint8_t* crowd) const {
  const MinutiaKernels& kernels = kernels_in_use().minutiae;
  Room room;
  const Oriented& oriented = room.orient(print);
  float values[neighbourhood_values];
  for (uint32_t i = 0; i < print.n; ++i) {
    kernels.surround(oriented, i, values);
    kernels.code(values, mean_.data(), matrix_.data(), codes + size_t{i} * code_bytes);
  }
  kernels.crowd(oriented, crowd);
}

void surroundings(const StoredPrint& print, float* values) {
  const MinutiaKernels& kernels = kernels_in_use().minutiae;
  Room room;
  const Oriented& oriented = room.orient(print);
  for (uint32_t i = 0; i < print.n; ++i) {
    kernels.surround(oriented, i, values + size_t{i} * neighbourhood_values);
  }
}

}  // namespace prum::dactyloscopy
