// The hot loops and the table of their implementations, one per instruction set.
//
// Every implementation gives the same answer for the same input; a test holds them equal. The
// sources behind this table have internal linkage only and include nothing that could leave a
// weak symbol behind: a template emitted by the widest object would otherwise run on machines
// that lack its instructions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/face/vectors.hpp"
#include "kernels/persons/filters.hpp"
#include "kernels/persons/signatures.hpp"
#include "kernels/persons/weights.hpp"
#include "kernels/plates/symbols.hpp"
#include "kernels/prints/minutiae.hpp"

namespace prum {

// The cost of each of the 256 classes of a column for one probe: a lower bound of the deviations of
// a reference of that class, 0, 1 or 2 ("two or more").
// `at_least` holds the same as bitmaps, indexed by low nibble (16 bytes for high nibbles 0-7,
// 16 for 8-15), for instruction sets that look up nibbles.
struct alignas(64) AcceptTable {
  uint8_t cost[256];
  uint8_t at_least[2][32];
};

struct ScanColumn {
  const uint8_t* classes;  // readable for 64 bytes past the last row
  const AcceptTable* table;
};

// Two allele codes a locus, one array per allele: smaller and larger code of each profile.
// Code 0 means "not typed". Arrays are readable for 64 bytes past the last profile.
struct PairColumn {
  const uint8_t* low;
  const uint8_t* high;
};

struct Kernels {
  const char* name;

  // Rows of [begin, end) whose summed costs, starting from `initial`, stay within `budget`.
  // `rows` and `costs` need room for end - begin entries. Returns how many were written.
  uint32_t (*scan)(const ScanColumn* columns, uint32_t n_columns, uint32_t begin, uint32_t end,
                   uint8_t initial, uint8_t budget, uint32_t* rows, uint8_t* costs);

  // For one profile (`row`) against all of [begin, end): number of loci with equal genotypes and
  // number of loci that share an allele without being equal, one byte each per profile.
  void (*shared)(const PairColumn* loci, uint32_t n_loci, uint32_t row, uint32_t begin,
                 uint32_t end, uint8_t* full, uint8_t* partial);

  VectorKernels vectors;
  MinutiaKernels minutiae;
  SymbolKernels symbols;
  FilterKernels filters;
  WeightKernels weights;
  SignatureKernels signatures;
};

// Implementations that this machine can run, the fastest first and the portable one last.
size_t available_kernels(const Kernels** out, size_t capacity);

// The table in use. Chosen at the first call: the environment variable PRUM_MATCH_ISA names one,
// else the fastest. Null where the variable names an unknown or unavailable one.
const Kernels* active_kernels();

// Forces an implementation by name for searches that begin from now on; false if unavailable.
bool force_kernels(const char* name);

}  // namespace prum
