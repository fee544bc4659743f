// Minutiae: codes, the score of one pair, scores of many.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/long_call.hpp"
#include "dactyloscopy/describe.hpp"
#include "dactyloscopy/matcher.hpp"
#include "dactyloscopy/scorer.hpp"
#include "engine/error.hpp"
#include "engine/pool.hpp"

namespace prum::bindings {
namespace {

using dactyloscopy::Describer;
using dactyloscopy::Print;
using dactyloscopy::PrintMatcher;
using Units = Array<uint16_t>;

uint32_t minutiae_in(const Units& x, const Units& y, const Units& turn) {
  if (x.ndim() != 1 || y.size() != x.size() || turn.size() != x.size()) {
    refuse_shape("x, y and turn differ in length");
  }
  return static_cast<uint32_t>(x.size());
}

std::unique_ptr<Describer> make_describer(const Array<float>& mean, const Array<float>& matrix) {
  if (mean.size() != neighbourhood_values ||
      matrix.size() != py::ssize_t{neighbourhood_values} * code_bytes) {
    refuse_shape("the mean needs 384 numbers, the matrix the shape (384, 64)");
  }
  return std::make_unique<Describer>(to_vector(mean), to_vector(matrix));
}

// Order, codes and crowds of many prints, each in its canonical order.
py::tuple describe(const Describer& describer, const Units& x, const Units& y, const Units& turn,
                   const Array<uint64_t>& offsets) {
  const uint32_t total = minutiae_in(x, y, turn);
  const auto prints = static_cast<size_t>(std::max<py::ssize_t>(offsets.size(), 1)) - 1;
  const uint64_t* at = offsets.data();
  for (size_t p = 0; p < prints; ++p) {
    if (at[p] > at[p + 1] || at[p + 1] > total || at[p + 1] - at[p] > max_minutiae) {
      refuse_shape("offsets of prints are out of order or out of range");
    }
  }
  Units order(total);
  Array<int8_t> codes({py::ssize_t{total}, py::ssize_t{code_bytes}});
  Array<uint8_t> crowd(total);
  uint8_t* to_crowd = crowd.mutable_data();
  uint16_t* to_order = order.mutable_data();
  int8_t* to_codes = codes.mutable_data();
  {
    const LongCall call;
    parallel_for(prints, default_threads(), [&](size_t p, unsigned) {
      const uint64_t begin = at[p];
      const auto n = static_cast<uint32_t>(at[p + 1] - begin);
      const auto sorted =
          dactyloscopy::canonical_order(x.data() + begin, y.data() + begin, turn.data() + begin, n);
      std::copy(sorted.begin(), sorted.end(), to_order + begin);
      std::vector<uint16_t> fields[3];
      const uint16_t* from[3] = {x.data() + begin, y.data() + begin, turn.data() + begin};
      for (size_t k = 0; k < 3; ++k) {
        for (const uint16_t place : sorted) fields[k].push_back(from[k][place]);
      }
      describer.describe(
          {fields[0].data(), fields[1].data(), fields[2].data(), nullptr, nullptr, n},
          to_codes + begin * code_bytes, to_crowd + begin);
    });
  }
  return py::make_tuple(order, codes, crowd);
}

Array<float> surroundings(const Units& x, const Units& y, const Units& turn) {
  const uint32_t n = minutiae_in(x, y, turn);
  Array<float> out({py::ssize_t{n}, py::ssize_t{neighbourhood_values}});
  dactyloscopy::surroundings({x.data(), y.data(), turn.data(), nullptr, nullptr, n},
                             out.mutable_data());
  return out;
}

std::shared_ptr<Print> make_print(const Units& x, const Units& y, const Units& turn,
                                  const Array<int8_t>& codes, const Array<uint8_t>& crowd) {
  const uint32_t n = minutiae_in(x, y, turn);
  if (n > max_minutiae || codes.size() != py::ssize_t{n} * code_bytes ||
      crowd.size() != py::ssize_t{n}) {
    refuse_shape("each minutia needs a code of 64 bytes and a crowd; at most 4096 minutiae");
  }
  return std::make_shared<Print>(to_vector(x), to_vector(y), to_vector(turn), to_vector(codes),
                                 to_vector(crowd));
}

py::dict compare_prints(const Print& a, const Print& b) {
  dactyloscopy::Comparison found;
  {
    const LongCall call;
    found = dactyloscopy::Scorer().compare(a, b);
  }
  Array<uint32_t> pairs({static_cast<py::ssize_t>(found.pairs.size()), py::ssize_t{2}});
  for (size_t k = 0; k < found.pairs.size(); ++k) {
    pairs.mutable_at(k, 0) = found.pairs[k].first;
    pairs.mutable_at(k, 1) = found.pairs[k].second;
  }
  py::dict out;
  const PairScore& score = found.found;
  out["score"] = static_cast<double>(score.score);
  out["pairs"] = pairs;
  out["overlap"] = py::make_tuple(score.overlap_a, score.overlap_b);
  out["motion"] = py::make_tuple(score.motion.c, score.motion.s, score.motion.x, score.motion.y);
  return out;
}

Array<double> score_matrix(const std::vector<const Print*>& probes,
                           const std::vector<const Print*>& references, unsigned threads) {
  const size_t columns = references.size(), block = 64;
  Array<double> out({static_cast<py::ssize_t>(probes.size()), static_cast<py::ssize_t>(columns)});
  double* to = out.mutable_data();
  const size_t blocks = (columns + block - 1) / block;
  const LongCall call;
  parallel_for(probes.size() * blocks, threads == 0 ? default_threads() : threads,
               [&](size_t task, unsigned) {
                 const size_t row = task / blocks, first = task % blocks * block;
                 dactyloscopy::Scorer scorer;
                 for (size_t k = first; k < std::min(columns, first + block); ++k) {
                   to[row * columns + k] =
                       scorer.score(*probes[row], references[k]->stored()).score;
                 }
               });
  return out;
}

// One row of `places` for each probe: those of the 256 places that it is compared with.
std::unique_ptr<PrintMatcher> make_print_matcher(const std::vector<std::shared_ptr<Print>>& prints,
                                                 const Array<bool>& places, double threshold,
                                                 double keep, bool all) {
  if (places.size() != static_cast<py::ssize_t>(prints.size()) * 256) {
    refuse_shape("places need 256 flags for each probe");
  }
  std::vector<dactyloscopy::Probe> probes;
  for (size_t p = 0; p < prints.size(); ++p) {
    auto& probe = probes.emplace_back(dactyloscopy::Probe{prints[p], {}});
    std::copy_n(places.data() + p * 256, 256, probe.places.begin());
  }
  return std::make_unique<PrintMatcher>(std::move(probes), threshold, keep, all);
}

}  // namespace

void register_dactyloscopy(py::module_& module) {
  py::class_<Print, std::shared_ptr<Print>>(module, "Print")
      .def(py::init(&make_print), py::arg("x"), py::arg("y"), py::arg("turn"), py::arg("codes"),
           py::arg("crowd"))
      .def("__len__", &Print::size);
  py::class_<Describer>(module, "PrintDescriber")
      .def(py::init(&make_describer), py::arg("mean"), py::arg("matrix"))
      .def("describe", &describe, py::arg("x"), py::arg("y"), py::arg("turn"), py::arg("offsets"));
  py::class_<PrintMatcher, Matcher>(module, "PrintMatcher")
      .def(py::init(&make_print_matcher), py::arg("prints"), py::arg("places"),
           py::arg("threshold"), py::arg("keep"), py::arg("all") = false);
  module.def("print_ranked_scores", &of_ranks<double, dactyloscopy::score_of>, py::arg("ranks"));
  module.def("print_surroundings", &surroundings, py::arg("x"), py::arg("y"), py::arg("turn"));
  module.def("print_compare", &compare_prints, py::arg("a"), py::arg("b"));
  module.def("print_scores", &score_matrix, py::arg("probes"), py::arg("references"),
             py::arg("threads") = 0);
}

}  // namespace prum::bindings
