// Calls that take long: without the interpreter's lock, but open to signals and progress.
#pragma once

#include <optional>
#include <string>

#include "bindings/arrays.hpp"
#include "engine/watch.hpp"

namespace prum::bindings {

// Runs the handlers of signals, and tells a function of Python how far the call is.
class PythonWatch final : public Watch {
 public:
  // None: signals alone.
  explicit PythonWatch(py::object progress = py::none()) : progress_(std::move(progress)) {}

  void begin(const char* step, uint64_t total) override { begin_step(step, total); }
  void begin_step(std::string step, std::optional<uint64_t> total);

  // The watch of this thread from here to `leave`.
  void enter();
  void leave();

  // Whether this thread is in a function that was told of progress, or in a handler of a signal.
  static bool reporting();

 protected:
  void look() override;

 private:
  py::object progress_;
  std::string step_;
  std::optional<uint64_t> total_;
  std::optional<Watching> scope_;
};

// A Ctrl-C, or the progress of the watch that Python has set, ends the call at its next check.
class WatchedCall {
 public:
  WatchedCall();

 private:
  std::optional<PythonWatch> own_;
  std::optional<Watching> scope_;
};

// The same without the interpreter's lock.
class LongCall {
 private:
  WatchedCall watched_;
  py::gil_scoped_release no_gil_;
};

void register_watch(py::module_& module);

}  // namespace prum::bindings
