#include <immintrin.h>

#include "kernels.hpp"

namespace prum {
namespace {
#include "ops/avx512.hpp"
#include "scan.inl.hpp"
#include "shared.inl.hpp"
constexpr Kernels table{"avx512", scan, shared};
}  // namespace
const Kernels* kernels_avx512() { return &table; }
}  // namespace prum
