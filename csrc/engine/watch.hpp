// Watch over a long call: its thread looks after signals and progress from time to time, and a call
// that is to end early stops all its workers.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace prum {

// Thrown in the workers of a call that ends early.
struct Stopped {};

class Watch {
 public:
  virtual ~Watch() = default;

  // A new step of the call begins, of so much work.
  virtual void begin(const char* /*step*/, uint64_t /*total*/) {}
  void add(uint64_t work) { done_.fetch_add(work, std::memory_order_relaxed); }

  // Throws where the call is to end: Stopped in its workers, what `look` throws in its own thread.
  void check(bool own_thread) {
    if (stopped_.load(std::memory_order_relaxed)) throw Stopped();
    if (own_thread && Clock::now() >= next_) look_now();
  }

 protected:
  // Runs on the thread of the call, at least every 0.1 s if the call checks often enough. What it
  // throws ends the call.
  virtual void look() = 0;
  void look_now();
  std::atomic<uint64_t> done_{0};

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds interval{50};

  std::atomic<bool> stopped_{false};
  Clock::time_point next_ = Clock::now() + interval;
};

// The watch that a thread works under.
struct Watched {
  Watch* watch = nullptr;
  bool own_thread = false;  // of the call, not a worker's
  bool muted = false;       // calls must not be watched: a half-made change could not be undone
};
inline constinit thread_local Watched watched{};

// Sets the watch of this thread for a scope.
class Watching {
 public:
  explicit Watching(const Watched& here) : before_(watched) { watched = here; }
  ~Watching() { watched = before_; }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

 private:
  Watched before_;
};

// To be called in every long loop, about every 10 microseconds or more.
inline void check_watch() {
  if (watched.watch != nullptr) watched.watch->check(watched.own_thread);
}

// Calls check_watch in one of `every` calls: for loops with short rounds.
template <uint32_t every>
class Pulse {
 public:
  void operator()() {
    if (++rounds_ % every == 0) check_watch();
  }

 private:
  uint32_t rounds_ = 0;
};

inline void Watch::look_now() {
  next_ = Clock::now() + interval;
  try {
    // A call from within is a call of its own.
    const Watching nothing(Watched{});
    look();
  } catch (...) {
    stopped_.store(true, std::memory_order_relaxed);
    throw;
  }
}

}  // namespace prum
