// The generic source of all kernels and the table that names them. Included inside an anonymous
// namespace of each isa_*.cpp, behind the operations of its instruction set.
#include "kernels/dna/scan.inl.hpp"
#include "kernels/dna/shared.inl.hpp"
#include "kernels/face/panels.inl.hpp"
#include "kernels/face/vector_code.inl.hpp"
#include "kernels/face/vector_dot.inl.hpp"
#include "kernels/persons/person_filters.inl.hpp"
#include "kernels/persons/person_weights.inl.hpp"
#include "kernels/persons/signatures.inl.hpp"
#include "kernels/plates/symbols.inl.hpp"
#include "kernels/prints/print_score.inl.hpp"

// `scan_full` is null where the instruction set has no product of bytes that keeps all bits.
static constexpr Kernels make_table(const char* name,
                                    decltype(VectorKernels::scan_full) scan_full = nullptr) {
  return {name,
          scan,
          shared,
          {scan_high, refine, scan_full, square_norm, exact_dot, rotate, encode},
          {orient, surround, code, count_crowd, score_pair, scan_print},
          {equal, within_block, extend, match},
          {scan_filters, shared_bits},
          {scan_people<uint8_t>, scan_people<ByteLanes>},
          {hopeful_signatures}};
}
