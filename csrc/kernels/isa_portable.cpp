#include "kernels.hpp"

namespace prum {
namespace {
#include "ops/portable.hpp"
#include "ops/portable_filters.hpp"
#include "ops/portable_minutiae.hpp"
#include "ops/portable_symbols.hpp"
#include "ops/portable_vectors.hpp"
#include "panels.inl.hpp"
#include "person_filters.inl.hpp"
#include "person_weights.inl.hpp"
#include "print_score.inl.hpp"
#include "scan.inl.hpp"
#include "shared.inl.hpp"
#include "signatures.inl.hpp"
#include "symbols.inl.hpp"
#include "vector_code.inl.hpp"
#include "vector_dot.inl.hpp"
constexpr Kernels table{"portable",
                        scan,
                        shared,
                        {scan_high, refine, nullptr, square_norm, exact_dot, rotate, encode},
                        {orient, surround, code, count_crowd, score_pair, scan_print},
                        {equal, within_block, extend, match},
                        {scan_filters, shared_bits},
                        {scan_people<uint8_t>, scan_people<ByteLanes>},
                        {hopeful_signatures}};
}  // namespace
const Kernels* kernels_portable() { return &table; }
}  // namespace prum
