#include <pybind11/pybind11.h>

#include "bindings/arrays.hpp"
#include "engine/error.hpp"

namespace prum::bindings {

void register_engine(py::module_& module);
void register_dna(py::module_& module);
void register_dactyloscopy(py::module_& module);
void register_face(py::module_& module);
void register_vehicle(py::module_& module);
void register_police_record(py::module_& module);
void register_pseudonyms(py::module_& module);

namespace {

// The native error becomes the class of prum_match.errors that its kind names.
void raise_in_python(const Error& error) {
  static constexpr const char* names[] = {"InvalidInput", "UnknownReference", "DuplicateReference",
                                          "StorageError", "ComparisonMismatch"};
  const py::object type =
      py::module_::import("prum_match.errors").attr(names[static_cast<int>(error.kind)]);
  py::dict keywords;
  keywords["code"] = error.code;
  if (error.index >= 0) keywords["index"] = error.index;
  const py::object instance = type(error.what(), **keywords);
  PyErr_SetObject(type.ptr(), instance.ptr());
}

}  // namespace

}  // namespace prum::bindings

PYBIND11_MODULE(_native, module) {
  module.doc() = "Native core of prum_match: state, searches, kernels. Private to the package.";
  pybind11::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const prum::Error& error) {
      prum::bindings::raise_in_python(error);
    }
  });
  prum::bindings::register_engine(module);
  prum::bindings::register_dna(module);
  prum::bindings::register_dactyloscopy(module);
  prum::bindings::register_face(module);
  prum::bindings::register_vehicle(module);
  prum::bindings::register_police_record(module);
  prum::bindings::register_pseudonyms(module);
}
