// Codes of minutiae: the surroundings of each, reduced by a learned matrix.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"

namespace prum::dactyloscopy {

class Describer {
 public:
  // `mean` of neighbourhood_values; `matrix` of [neighbourhood_values][code_bytes].
  Describer(std::vector<float> mean, std::vector<float> matrix)
      : mean_(std::move(mean)), matrix_(std::move(matrix)) {}

  // Codes of all minutiae of a print, [n][code_bytes], and how many stand around each, [n].
  void describe(const StoredPrint& print, int8_t* codes, uint8_t* crowd) const;

 private:
  std::vector<float> mean_;
  std::vector<float> matrix_;
};

// The surroundings of each minutia: [n][neighbourhood_values]. The matrix is learned from these.
void surroundings(const StoredPrint& print, float* values);

}  // namespace prum::dactyloscopy
