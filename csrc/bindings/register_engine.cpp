// Kernels, threads, segments, the native gallery, and matchers written in Python.
#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/interpreter.hpp"
#include "bindings/long_call.hpp"
#include "engine/gallery.hpp"
#include "engine/pool.hpp"
#include "engine/search/pairs.hpp"
#include "engine/tier.hpp"

namespace prum::bindings {
namespace {

using NoGil = py::call_guard<py::gil_scoped_release>;

std::vector<std::string> cpu_tiers() {
  const Kernels* tables[4];
  const size_t n = available_kernels(tables, 4);
  std::vector<std::string> names;
  for (size_t i = 0; i < n; ++i) names.emplace_back(tables[i]->name);
  return names;
}

std::string active_tier() { return kernels_in_use().name; }

void use_tier(const std::string& name) {
  if (!force_kernels(name.c_str())) {
    throw Error(ErrorKind::invalid_input, "unknown_tier",
                "this instruction set is unknown or not available here");
  }
}

std::pair<Array<uint64_t>, Array<uint8_t>> take_strings(const Array<uint64_t>& offsets,
                                                        const Array<uint8_t>& bytes,
                                                        const Array<uint32_t>& order) {
  check_rows(order, count_strings(offsets));
  const Strings strings = to_strings(offsets, bytes);
  const uint32_t* rows = order.data();
  const py::ssize_t n = order.size();
  Array<uint64_t> new_offsets(n + 1);
  uint64_t* to_offsets = new_offsets.mutable_data();
  uint64_t total = 0;
  constexpr py::ssize_t ahead = 16;
  for (py::ssize_t i = 0; i < n; ++i) {
    if (i + ahead < n) __builtin_prefetch(&strings.offsets[rows[i + ahead]]);
    to_offsets[i] = total;
    total += strings.at(rows[i]).size();
  }
  to_offsets[n] = total;
  Array<uint8_t> new_bytes(static_cast<py::ssize_t>(total));
  uint8_t* to = new_bytes.mutable_data();
  for (py::ssize_t i = 0; i < n; ++i) {
    if (i + ahead < n) __builtin_prefetch(strings.bytes + strings.offsets[rows[i + ahead]]);
    const std::string_view text = strings.at(rows[i]);
    std::memcpy(to + to_offsets[i], text.data(), to_offsets[i + 1] - to_offsets[i]);
  }
  return {new_offsets, new_bytes};
}

Array<uint32_t> make_id_index(const Array<uint64_t>& offsets, const Array<uint8_t>& bytes,
                              const std::optional<Array<uint64_t>>& live) {
  const uint32_t rows = count_strings(offsets);
  const size_t slots = id_index_slots(rows);
  if (live && static_cast<size_t>(live->size()) < (size_t{rows} + 63) / 64) {
    throw Error(ErrorKind::invalid_input, "bad_segment", "fewer live bits than rows");
  }
  Array<uint32_t> index(static_cast<py::ssize_t>(slots));
  uint32_t* at = index.mutable_data();
  const Strings ids = to_strings(offsets, bytes);
  const uint64_t* bits = live ? live->data() : nullptr;
  const LongCall call;
  std::fill_n(at, slots, 0u);
  build_id_index(ids, rows, bits, at, slots);
  return index;
}

// A matcher whose search is a Python function; for categories that have no native kernel.
class PythonMatcher final : public Matcher {
 public:
  PythonMatcher(py::function search, uint32_t probes) : search_(keep(search)), probes_(probes) {}

  uint32_t probes() const override { return probes_; }
  uint32_t tile_rows(uint32_t) const override { return 1u << 16; }

  void search(const Segment& segment, uint32_t begin, uint32_t end, uint32_t first_probe,
              uint32_t last_probe, Sink& sink) const override {
    const Interpreter gil;
    const auto columns =
        py::reinterpret_borrow<py::dict>(static_cast<PyObject*>(segment.owner().get()));
    const auto function =
        py::reinterpret_borrow<py::function>(static_cast<PyObject*>(search_.get()));
    for (uint32_t probe = first_probe; probe < last_probe; ++probe) {
      check_watch();
      const auto answer = py::cast<py::tuple>(function(columns, begin, end, probe));
      const auto rows = py::cast<Array<uint32_t>>(answer[0]);
      const auto ranks = py::cast<Array<uint64_t>>(answer[1]);
      const auto details = py::cast<Array<uint64_t>>(answer[2]);
      for (py::ssize_t i = 0; i < rows.size(); ++i) {
        const uint32_t row = rows.data()[i];
        if (row < begin || row >= end || i >= ranks.size() || i >= details.size()) {
          throw Error(ErrorKind::invalid_input, "bad_row", "matcher returned a row out of range");
        }
        if (sink.visible(row)) sink.offer(probe, row, ranks.data()[i], details.data()[i]);
      }
    }
  }

 private:
  std::shared_ptr<void> search_;
  uint32_t probes_;
};

using Ranges = std::vector<std::tuple<std::string, double, double>>;

SearchRequest request_of(const Matcher& matcher, unsigned threads,
                         std::optional<std::vector<bool>> labels,
                         std::optional<std::vector<std::string>> ids, const Ranges& ranges) {
  SearchRequest request;
  request.matcher = &matcher;
  request.threads = threads == 0 ? default_threads() : threads;
  if (labels) {
    request.by_label = true;
    for (size_t i = 0; i < labels->size() && i < 256; ++i) request.label[i] = (*labels)[i];
  }
  if (ids) {
    request.by_id = true;
    request.ids = std::move(*ids);
  }
  for (const auto& [attribute, low, high] : ranges)
    request.ranges.push_back({attribute, low, high});
  return request;
}

SearchResult search(const Gallery& gallery, const Matcher& matcher, uint64_t limit,
                    unsigned threads, std::optional<std::vector<bool>> labels,
                    std::optional<std::vector<std::string>> ids, const Ranges& ranges,
                    std::optional<std::pair<uint32_t, Array<uint32_t>>> origin, bool count,
                    bool fuse) {
  SearchRequest request = request_of(matcher, threads, std::move(labels), std::move(ids), ranges);
  request.list = {limit, fuse, count};
  if (origin) request.origins = Origins{origin->first, origin->second.data()};
  const LongCall call;
  return gallery.search(request);
}

Pairs pairs(const Gallery& gallery, const Matcher& matcher, unsigned threads,
            std::optional<std::vector<bool>> labels, std::optional<std::vector<std::string>> ids,
            const Ranges& ranges) {
  const SearchRequest request =
      request_of(matcher, threads, std::move(labels), std::move(ids), ranges);
  const LongCall call;
  return gallery.pairs(request);
}

template <class T, class Item, class Get>
Array<T> field(const std::vector<Item>& items, Get get) {
  Array<T> out(static_cast<py::ssize_t>(items.size()));
  T* to = out.mutable_data();
  for (const Item& item : items) *to++ = get(item);
  return out;
}

// The ids of the items with these numbers.
template <class Item>
std::vector<std::string> ids_of(const std::vector<Item>& items, const Array<uint32_t>& numbers) {
  check_rows(numbers, static_cast<uint32_t>(items.size()));
  std::vector<std::string> ids;
  for (const uint32_t number : to_vector(numbers)) ids.push_back(items[number].id);
  return ids;
}

void register_segment(py::module_& module) {
  py::class_<Segment, std::shared_ptr<Segment>>(module, "Segment")
      .def(py::init([](uint32_t rows, py::dict columns) {
             Columns views = to_columns(columns);
             return std::make_shared<Segment>(rows, std::move(views), keep(std::move(columns)));
           }),
           py::arg("rows"), py::arg("columns"))
      .def_property_readonly("rows", &Segment::rows)
      .def_property_readonly("live_rows", [](const Segment& s) { return s.live_rows(); })
      .def_property_readonly(
          "columns",
          [](const Segment& s) {
            return py::reinterpret_borrow<py::dict>(static_cast<PyObject*>(s.owner().get()));
          })
      .def("is_live", &Segment::live, py::arg("row"))
      .def("live_row_numbers",
           [](const Segment& s) {
             std::vector<uint32_t> rows;
             for (uint32_t row = 0; row < s.rows(); ++row) {
               if (s.live(row)) rows.push_back(row);
             }
             return to_array(rows);
           })
      .def(
          "find_rows",
          [](const Segment& s, const std::vector<std::string>& ids) {
            std::vector<int64_t> rows;
            {
              const py::gil_scoped_release no_gil;
              for (const std::string& id : ids) {
                const auto row = s.find(id);
                rows.push_back(row ? int64_t{*row} : -1);
              }
            }
            return to_array(rows);
          },
          py::arg("ids"))
      .def(
          "bury",
          [](Segment& s, const Array<uint32_t>& rows) {
            check_rows(rows, s.rows());
            for (const uint32_t row : to_vector(rows)) s.bury(row);
          },
          py::arg("rows"))
      .def(
          "index_without",
          [](const Segment& s, const Array<uint32_t>& rows) {
            check_rows(rows, s.rows());
            const IndexChange change = s.index_without(to_vector(rows));
            return std::pair(to_array(change.slots), to_array(change.entries));
          },
          py::arg("rows"));
}

using PlacesOfPython = std::vector<std::pair<std::shared_ptr<Segment>, Array<uint32_t>>>;

PlacesOfPython find_everywhere(Gallery& gallery, const std::vector<std::string>& ids) {
  const std::vector<std::string_view> views(ids.begin(), ids.end());
  std::vector<Places> places;
  {
    const py::gil_scoped_release no_gil;
    places = gallery.find_everywhere(views);
  }
  PlacesOfPython out;
  for (const Places& here : places) out.emplace_back(here.segment, to_array(here.rows));
  return out;
}

void bury(Gallery& gallery, const PlacesOfPython& given, uint64_t generation) {
  std::vector<Places> places;
  for (const auto& [segment, rows] : given) {
    check_rows(rows, segment->rows());
    places.push_back({segment, to_vector(rows)});
  }
  const py::gil_scoped_release no_gil;
  gallery.bury(places, generation);
}

void register_gallery(py::module_& module) {
  py::class_<Gallery>(module, "Gallery")
      .def(py::init<>())
      .def_property_readonly("generation", &Gallery::generation)
      .def_property_readonly("changes", &Gallery::changes)
      .def_property_readonly("size", py::cpp_function(&Gallery::size, NoGil()))
      .def("segments", &Gallery::segments)
      .def(
          "contains", [](const Gallery& g, const std::string& id) { return g.contains(id); },
          py::arg("reference_id"), NoGil())
      .def(
          "locate",
          [](const Gallery& g, const std::string& id)
              -> std::optional<std::pair<std::shared_ptr<Segment>, uint32_t>> {
            auto found = g.locate(id);
            if (found.first == nullptr) return std::nullopt;
            return found;
          },
          py::arg("reference_id"), NoGil())
      .def(
          "first_known",
          [](const Gallery& g, const Array<uint64_t>& offsets, const Array<uint8_t>& bytes) {
            const auto ids = to_views(offsets, bytes);
            const py::gil_scoped_release no_gil;
            return g.first_known(ids);
          },
          py::arg("offsets"), py::arg("bytes"))
      .def("publish", &Gallery::publish, py::arg("segments"), py::arg("generation"))
      .def("everywhere", [](Gallery& gallery) { return gallery.everywhere(); })
      .def("find_everywhere", &find_everywhere, py::arg("ids"))
      .def("bury", &bury, py::arg("places"), py::arg("generation"))
      .def("renumber", &Gallery::renumber, py::arg("generation"))
      .def(
          "enter_gate", [](const Gallery& g) { g.gate().enter(); }, NoGil())
      .def(
          "leave_gate", [](const Gallery& g) { g.gate().leave(); }, NoGil())
      .def(
          "close_gate", [](const Gallery& g) { g.gate().close(); }, NoGil())
      .def(
          "open_gate", [](const Gallery& g) { g.gate().open(); }, NoGil())
      .def("search", &search, py::arg("matcher"), py::arg("limit"), py::arg("threads"),
           py::arg("labels") = py::none(), py::arg("ids") = py::none(),
           py::arg("ranges") = Ranges(), py::arg("origin") = py::none(), py::arg("count") = false,
           py::arg("fuse") = false)
      .def("pairs", &pairs, py::arg("matcher"), py::arg("threads"), py::arg("labels") = py::none(),
           py::arg("ids") = py::none(), py::arg("ranges") = Ranges());
}

void register_pairs(py::module_& module) {
  py::class_<Pairs>(module, "Pairs")
      .def_property_readonly("segments", [](const Pairs& p) { return p.segments; })
      .def_property_readonly("probe",
                             [](const Pairs& p) {
                               return field<uint32_t>(p.pairs,
                                                      [](const Pair& pair) { return pair.probe; });
                             })
      .def_property_readonly("reference",
                             [](const Pairs& p) {
                               return field<uint32_t>(
                                   p.pairs, [](const Pair& pair) { return pair.reference; });
                             })
      .def_property_readonly("rank",
                             [](const Pairs& p) {
                               return field<uint64_t>(p.pairs,
                                                      [](const Pair& pair) { return pair.rank; });
                             })
      .def_property_readonly("detail",
                             [](const Pairs& p) {
                               return field<uint64_t>(p.pairs,
                                                      [](const Pair& pair) { return pair.detail; });
                             })
      .def_property_readonly("segment",
                             [](const Pairs& p) {
                               return field<uint32_t>(p.references,
                                                      [](const Reference& r) { return r.segment; });
                             })
      .def_property_readonly("row",
                             [](const Pairs& p) {
                               return field<uint32_t>(p.references,
                                                      [](const Reference& r) { return r.row; });
                             })
      .def_property_readonly("owner",
                             [](const Pairs& p) {
                               return field<uint32_t>(p.references,
                                                      [](const Reference& r) { return r.owner; });
                             })
      .def_property_readonly("is_reference",
                             [](const Pairs& p) {
                               return field<bool>(
                                   p.owners, [](const Owner& owner) { return owner.is_reference; });
                             })
      .def(
          "reference_ids",
          [](const Pairs& p, const Array<uint32_t>& numbers) {
            return ids_of(p.references, numbers);
          },
          py::arg("references"))
      .def(
          "owner_ids",
          [](const Pairs& p, const Array<uint32_t>& numbers) { return ids_of(p.owners, numbers); },
          py::arg("owners"))
      .def_readonly("examined", &Pairs::examined)
      .def_readonly("generation", &Pairs::generation)
      .def_property_readonly("all_live", py::cpp_function(&Pairs::all_live, NoGil()));
}

void register_result(py::module_& module) {
  py::class_<SearchResult>(module, "SearchResult")
      .def_property_readonly("segments", [](const SearchResult& r) { return r.segments; })
      .def_property_readonly("offsets", [](const SearchResult& r) { return to_array(r.offsets); })
      .def_property_readonly("reference_ids", [](const SearchResult& r) { return r.ids; })
      .def_property_readonly("segment",
                             [](const SearchResult& r) {
                               return field<uint32_t>(r.hits,
                                                      [](const Hit& h) { return h.segment; });
                             })
      .def_property_readonly("row",
                             [](const SearchResult& r) {
                               return field<uint32_t>(r.hits, [](const Hit& h) { return h.row; });
                             })
      .def_property_readonly("rank",
                             [](const SearchResult& r) {
                               return field<uint64_t>(r.hits, [](const Hit& h) { return h.rank; });
                             })
      .def_property_readonly("detail",
                             [](const SearchResult& r) {
                               return field<uint64_t>(r.hits,
                                                      [](const Hit& h) { return h.detail; });
                             })
      .def_property_readonly("found", [](const SearchResult& r) { return to_array(r.found); })
      .def_property_readonly("examined", [](const SearchResult& r) { return to_array(r.examined); })
      .def_property_readonly("remarks", [](const SearchResult& r) { return to_array(r.remarks); })
      .def_property_readonly("generation",
                             [](const SearchResult& r) { return to_array(r.generation); });
}

}  // namespace

void register_engine(py::module_& module) {
  make_forks_wait();
  register_watch(module);
  module.def("cpu_tiers", &cpu_tiers);
  module.def("active_tier", &active_tier);
  module.def("use_tier", &use_tier, py::arg("name"));
  module.def("set_threads", &set_default_threads, py::arg("threads"));
  module.def("usable_threads", &default_threads);
  module.def("allocate", &allocate, py::arg("size"), py::arg("fill") = std::optional<uint8_t>(0));
  module.def("map_file", &map_file, py::arg("fd"), py::arg("bytes"), py::arg("writable"));
  module.def("take_strings", &take_strings, py::arg("offsets"), py::arg("bytes"), py::arg("order"));
  module.def("make_id_index", &make_id_index, py::arg("offsets"), py::arg("bytes"),
             py::arg("live") = py::none());
  py::class_<Matcher>(module, "Matcher").def_property_readonly("probes", &Matcher::probes);
  py::class_<PythonMatcher, Matcher>(module, "PythonMatcher")
      .def(py::init<py::function, uint32_t>(), py::arg("search"), py::arg("probes"));
  register_segment(module);
  register_result(module);
  register_pairs(module);
  register_gallery(module);
}

}  // namespace prum::bindings
