// The gate of a gallery: searches share it; a writer that overwrites or swaps rows has it alone.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

namespace prum {

// A reader-writer lock that lets a waiting writer go first, so that an erasure is never starved
// by a stream of searches, and that starts anew in a forked child, where the threads that held
// it do not exist. (pthread's own lock prefers readers and stays locked after fork.)
class Gate {
 public:
  Gate();
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // A thread that is inside may enter again. It leaves as often as it entered.
  void enter();
  void leave();
  // Throws change_in_progress on a thread that is inside.
  void close();
  void open();

  // For short sections of the gate's owner; safe after fork as the gate is.
  std::mutex& mutex() { return state_->mutex; }

  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    int inside = 0;
    int waiting = 0;
    bool closed = false;
  };

  // For a forked child. It abandons the state of the parent, whose mutex may stay locked for ever.
  void start_anew();

 private:
  std::unique_ptr<State> state_;
};

class Inside {
 public:
  explicit Inside(Gate& gate) : gate_(gate) { gate_.enter(); }
  ~Inside() { gate_.leave(); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  Gate& gate_;
};

}  // namespace prum
