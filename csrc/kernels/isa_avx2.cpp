#include <immintrin.h>

#include "kernels.hpp"

namespace prum {
namespace {
#include "ops/avx2.hpp"
#include "scan.inl.hpp"
#include "shared.inl.hpp"
constexpr Kernels table{"avx2", scan, shared};
}  // namespace
const Kernels* kernels_avx2() { return &table; }
}  // namespace prum
