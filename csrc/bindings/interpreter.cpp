#include "bindings/interpreter.hpp"

#include <pthread.h>

#include <mutex>

namespace prum::bindings {
namespace {

// Held while a thread of the core enters the interpreter's list of threads. Python 3.11 leaves a
// forked child with the lock of that list taken if a thread was just entering it, and the child
// hangs in fork itself. Threads leave the list with the interpreter's lock held, when nobody forks.
std::mutex* entering = new std::mutex;

}  // namespace

Interpreter::Interpreter() {
  if (PyGILState_GetThisThreadState() != nullptr) {
    known_.emplace();
    return;
  }
  {
    const std::lock_guard lock(*entering);
    state_ = PyThreadState_New(PyInterpreterState_Main());
  }
  PyEval_AcquireThread(state_);
}

Interpreter::~Interpreter() {
  if (state_ == nullptr) return;
  PyThreadState_Clear(state_);
  PyThreadState_DeleteCurrent();
}

void make_forks_wait() {
  const auto lock = [] { entering->lock(); };
  const auto unlock = [] { entering->unlock(); };
  pthread_atfork(lock, unlock, unlock);
}

}  // namespace prum::bindings
