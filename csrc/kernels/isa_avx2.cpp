// The kernels for AVX2.
#include <immintrin.h>

#include "kernels/kernels.hpp"

namespace prum {
namespace {
#include "kernels/ops/avx2.hpp"
#include "kernels/ops/avx2_filters.hpp"
#include "kernels/ops/avx2_minutiae.hpp"
#include "kernels/ops/avx2_symbols.hpp"
#include "kernels/ops/avx2_vectors.hpp"
// Uses the operations above.
#include "kernels/isa_body.inl.hpp"

constexpr Kernels table = make_table("avx2");
}  // namespace
const Kernels* kernels_avx2() { return &table; }
}  // namespace prum
