// The implementations that this machine can run, and the choice of one.
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "kernels/kernels.hpp"

namespace prum {

const Kernels* kernels_portable();
#if defined(__x86_64__)
const Kernels* kernels_avx2();
const Kernels* kernels_avx512();
#endif

namespace {

std::atomic<const Kernels*> active{nullptr};

const Kernels* find(const char* name) {
  const Kernels* tables[4];
  const size_t n = available_kernels(tables, 4);
  for (size_t i = 0; i < n; ++i) {
    if (name == nullptr || std::strcmp(tables[i]->name, name) == 0) return tables[i];
  }
  return nullptr;
}

}  // namespace

size_t available_kernels(const Kernels** out, size_t capacity) {
  size_t n = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (n < capacity && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
      __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vpopcntdq")) {
    out[n++] = kernels_avx512();
  }
  if (n < capacity && __builtin_cpu_supports("avx2")) out[n++] = kernels_avx2();
#endif
  if (n < capacity) out[n++] = kernels_portable();
  return n;
}

const Kernels* active_kernels() {
  const Kernels* table = active.load(std::memory_order_acquire);
  if (table != nullptr) return table;
  const char* name = std::getenv("PRUM_MATCH_ISA");
  table = find(name != nullptr && *name != '\0' ? name : nullptr);
  active.store(table, std::memory_order_release);
  return table;
}

bool force_kernels(const char* name) {
  const Kernels* table = find(name);
  if (table == nullptr) return false;
  active.store(table, std::memory_order_release);
  return true;
}

}  // namespace prum
