// The kernels for AVX-512.
#include <immintrin.h>

#include "kernels/kernels.hpp"

namespace prum {
namespace {
#include "kernels/ops/avx512.hpp"
#include "kernels/ops/avx512_filters.hpp"
#include "kernels/ops/avx512_minutiae.hpp"
#include "kernels/ops/avx512_symbols.hpp"
#include "kernels/ops/avx512_vectors.hpp"
// Uses the operations above.
#include "kernels/isa_body.inl.hpp"
// Uses the tiles of panels.inl.hpp.
#include "kernels/face/panels_full.inl.hpp"

constexpr Kernels table = make_table("avx512", scan_full);
}  // namespace
const Kernels* kernels_avx512() { return &table; }
}  // namespace prum
