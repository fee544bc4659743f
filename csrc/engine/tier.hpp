// The kernels in use, or the error that the environment asks for others.
#pragma once

#include "engine/error.hpp"
#include "kernels/kernels.hpp"

namespace prum {

inline const Kernels& kernels_in_use() {
  const Kernels* table = active_kernels();
  if (table == nullptr) {
    throw Error(ErrorKind::invalid_input, "unknown_tier",
                "PRUM_MATCH_ISA names an instruction set that is unknown or not available here");
  }
  return *table;
}

}  // namespace prum
