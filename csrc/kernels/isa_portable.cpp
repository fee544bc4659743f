#include "kernels.hpp"

namespace prum {
namespace {
#include "ops/portable.hpp"
#include "scan.inl.hpp"
#include "shared.inl.hpp"
constexpr Kernels table{"portable", scan, shared};
}  // namespace
const Kernels* kernels_portable() { return &table; }
}  // namespace prum
