// Embeddings: admission, coding, search, and the score of one pair.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bindings/arrays.hpp"
#include "bindings/long_call.hpp"
#include "engine/pool.hpp"
#include "engine/tier.hpp"
#include "face/admit.hpp"
#include "face/matcher.hpp"
#include "face/shortlist.hpp"

namespace prum::bindings {
namespace {

using face::Normalise;
using face::Refusal;

uint32_t dimension_of(const Array<float>& vectors) {
  if (vectors.ndim() != 2 || vectors.shape(1) < 1 || vectors.shape(1) > max_dimension) {
    throw Error(ErrorKind::invalid_input, "bad_dimension",
                "vectors need to be rows of 1 to 4096 numbers");
  }
  return static_cast<uint32_t>(vectors.shape(1));
}

const float* mean_of(const std::optional<Array<float>>& mean, uint32_t d) {
  if (!mean) return nullptr;
  if (mean->ndim() != 1 || mean->shape(0) != d) {
    throw Error(ErrorKind::invalid_input, "bad_dimension",
                "the mean differs in dimension from the vectors");
  }
  return mean->data();
}

Array<uint8_t> admit(const Array<float>& vectors, std::optional<Array<float>> out,
                     const std::string& normalise, double tolerance) {
  const uint32_t d = dimension_of(vectors);
  const Normalise how = normalise == "require" ? Normalise::require
                        : normalise == "apply" ? Normalise::apply
                                               : Normalise::none;
  if (out && out->size() != vectors.size()) {
    throw Error(ErrorKind::invalid_input, "bad_dimension", "out needs the shape of vectors");
  }
  Array<uint8_t> refusals(vectors.shape(0));
  float* to = out ? out->mutable_data() : nullptr;
  auto* codes = reinterpret_cast<Refusal*>(refusals.mutable_data());
  const auto n = static_cast<size_t>(vectors.shape(0));
  const LongCall call;
  face::admit(vectors.data(), to, n, d, how, tolerance, default_threads(), codes);
  return refusals;
}

py::tuple encode_vectors(const Array<float>& vectors, const std::optional<Array<float>>& mean) {
  const uint32_t d = dimension_of(vectors);
  const float* centre = mean_of(mean, d);
  const auto n = static_cast<size_t>(vectors.shape(0));
  const size_t panels = face::panels_of(n), groups = face::groups_of(d);
  py::array_t<uint8_t> high = allocate(panels * groups * 64, std::nullopt);
  py::array_t<uint8_t> low = allocate(panels * groups * 64, std::nullopt);
  py::array_t<uint8_t> coarse = allocate(panels * 48 * sizeof(float), std::nullopt);
  py::array_t<uint8_t> fine = allocate(panels * 64 * sizeof(float), std::nullopt);
  const face::Coded out{high.mutable_data(), low.mutable_data(),
                        reinterpret_cast<float*>(coarse.mutable_data()),
                        reinterpret_cast<float*>(fine.mutable_data())};
  {
    const LongCall call;
    face::encode(vectors.data(), centre, n, d, default_threads(), out);
  }
  return py::make_tuple(high, low, coarse, fine);
}

std::unique_ptr<face::FaceMatcher> make_face_matcher(const Array<float>& vectors,
                                                     const std::optional<Array<float>>& mean,
                                                     std::optional<double> threshold) {
  const uint32_t d = dimension_of(vectors);
  const float* centre = mean_of(mean, d);
  const auto n = static_cast<uint32_t>(vectors.shape(0));
  const LongCall call;
  return std::make_unique<face::FaceMatcher>(face::Probes(vectors.data(), centre, n, d), threshold);
}

double inner_product(const Array<float>& a, const Array<float>& b) {
  if (a.ndim() != 1 || b.ndim() != 1 || a.shape(0) != b.shape(0)) {
    throw Error(ErrorKind::invalid_input, "bad_dimension", "the vectors differ in dimension");
  }
  const VectorKernels& kernels = kernels_in_use().vectors;
  const auto n = static_cast<uint32_t>(a.shape(0));
  const double squares = kernels.square_norm(a.data(), n) * kernels.square_norm(b.data(), n);
  if (!std::isfinite(squares)) throw_damaged();
  return kernels.exact_dot(a.data(), b.data(), n, std::sqrt(squares));
}

}  // namespace

void register_face(py::module_& module) {
  module.def("face_admit", &admit, py::arg("vectors"), py::arg("out"), py::arg("normalise"),
             py::arg("tolerance"));
  module.def("face_encode", &encode_vectors, py::arg("vectors"), py::arg("mean"));
  module.def("face_inner_product", &inner_product, py::arg("a"), py::arg("b"));
  module.def("face_scores", &of_ranks<double, face::score_of>, py::arg("ranks"));
  py::class_<face::FaceMatcher, Matcher>(module, "FaceMatcher")
      .def(py::init(&make_face_matcher), py::arg("vectors"), py::arg("mean") = py::none(),
           py::arg("threshold") = py::none());
}

}  // namespace prum::bindings
