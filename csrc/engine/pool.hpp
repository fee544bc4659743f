// Worker threads: made at first need, kept for later searches, made anew after a fork.
#pragma once

#include <cstddef>
#include <functional>

namespace prum {

// Runs task(i) for every i in [0, n) on up to `threads` threads, the caller's included, and
// returns when all are done. The first exception that a task throws is thrown here. All tasks are
// under the watch of the caller.
void parallel_for(size_t n, unsigned threads, const std::function<void(size_t, unsigned)>& task);

unsigned usable_cores();
unsigned default_threads();
void set_default_threads(unsigned n);  // 0: the usable cores

}  // namespace prum
