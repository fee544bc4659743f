// The kernels for any machine.
#include "kernels/kernels.hpp"

namespace prum {
namespace {
#include "kernels/ops/portable.hpp"
#include "kernels/ops/portable_filters.hpp"
#include "kernels/ops/portable_minutiae.hpp"
#include "kernels/ops/portable_symbols.hpp"
#include "kernels/ops/portable_vectors.hpp"
// Uses the operations above.
#include "kernels/isa_body.inl.hpp"

constexpr Kernels table = make_table("portable");
}  // namespace
const Kernels* kernels_portable() { return &table; }
}  // namespace prum
