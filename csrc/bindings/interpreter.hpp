// The interpreter's lock for any thread, safe beside a fork.
#pragma once

#include <optional>

#include "bindings/arrays.hpp"

namespace prum::bindings {

// Works like pybind11's gil_scoped_acquire, and uses it for a thread that Python knows.
class Interpreter {
 public:
  Interpreter();
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

 private:
  std::optional<py::gil_scoped_acquire> known_;
  PyThreadState* state_ = nullptr;
};

// To be called once: from then on a fork waits while a thread of the core enters the interpreter.
void make_forks_wait();

}  // namespace prum::bindings
