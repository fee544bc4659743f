#include "bindings/long_call.hpp"

#include <algorithm>
#include <utility>

namespace prum::bindings {
namespace {

constinit thread_local bool is_reporting = false;

// Keeps calls of this thread from ending early.
class Muted {
 public:
  void enter() { scope_.emplace(Watched{nullptr, false, true}); }
  void leave() { scope_.reset(); }

 private:
  std::optional<Watching> scope_;
};

// The thread's watch begins a step; without one, nothing happens.
void begin_step(std::string step, std::optional<uint64_t> total) {
  if (auto* watch = dynamic_cast<PythonWatch*>(watched.watch)) {
    watch->begin_step(std::move(step), total);
  }
}

void advance(uint64_t work) {
  if (watched.watch == nullptr) return;
  watched.watch->add(work);
  check_watch();
}

}  // namespace

void PythonWatch::begin_step(std::string step, std::optional<uint64_t> total) {
  step_ = std::move(step);
  total_ = total;
  done_.store(0, std::memory_order_relaxed);
  if (!progress_.is_none()) look_now();
}

void PythonWatch::enter() { scope_.emplace(Watched{this, true, false}); }

void PythonWatch::leave() { scope_.reset(); }

bool PythonWatch::reporting() { return is_reporting; }

void PythonWatch::look() {
  const py::gil_scoped_acquire gil;
  struct Reporting {
    bool before = std::exchange(is_reporting, true);
    ~Reporting() { is_reporting = before; }
  } const reporting;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  if (progress_.is_none()) return;
  const uint64_t done = done_.load(std::memory_order_relaxed);
  progress_(step_, total_ ? std::min(done, *total_) : done, total_);
}

WatchedCall::WatchedCall() {
  if (watched.watch != nullptr || watched.muted) return;
  own_.emplace();
  scope_.emplace(Watched{&*own_, true, false});
}

void register_watch(py::module_& module) {
  py::class_<PythonWatch>(module, "Watch")
      .def(py::init<py::object>(), py::arg("progress"))
      .def("__enter__",
           [](PythonWatch& self) -> PythonWatch& {
             self.enter();
             return self;
           })
      .def("__exit__", [](PythonWatch& self, const py::args&) { self.leave(); });
  py::class_<Muted>(module, "Muted")
      .def(py::init<>())
      .def("__enter__",
           [](Muted& self) -> Muted& {
             self.enter();
             return self;
           })
      .def("__exit__", [](Muted& self, const py::args&) { self.leave(); });
  module.def("begin_step", &begin_step, py::arg("step"), py::arg("total") = py::none());
  module.def("advance", &advance, py::arg("work") = 0);
  module.def("is_reporting", &PythonWatch::reporting);
}

}  // namespace prum::bindings
