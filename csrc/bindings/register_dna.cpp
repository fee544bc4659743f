// DNA profiles: policies, matchers, encoding and sealing of segments, all-pairs counts.
#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/long_call.hpp"
#include "dna/matcher.hpp"
#include "dna/pairs.hpp"
#include "dna/seal.hpp"
#include "engine/pool.hpp"

namespace prum::bindings {
namespace {

using dna::Escapes;
using dna::Slots;

Slots to_slots(const Array<uint16_t>& loci) {
  if (loci.ndim() != 2 || loci.shape(1) != 2) {
    throw Error(ErrorKind::invalid_input, "bad_loci", "loci need the shape (n, 2)");
  }
  Slots slots;
  for (py::ssize_t i = 0; i < loci.shape(0); ++i) {
    slots.index.push_back(loci.at(i, 0));
    slots.period.push_back(static_cast<uint8_t>(loci.at(i, 1)));
  }
  return slots;
}

Escapes to_escapes(const Array<uint64_t>& keys, const Array<uint16_t>& values) {
  return {to_vector(keys), to_vector(values)};
}

Array<uint16_t> values_array(const std::vector<uint16_t>& values) {
  Array<uint16_t> out({static_cast<py::ssize_t>(values.size() / 5), py::ssize_t{5}});
  if (!values.empty()) std::memcpy(out.mutable_data(), values.data(), values.size() * 2);
  return out;
}

py::array_t<uint8_t> genotype_array(py::ssize_t n, py::ssize_t slots) {
  auto flat = allocate(static_cast<size_t>(n * slots * 2), 0);
  return flat.reshape({n, slots, py::ssize_t{2}});
}

py::tuple encode_packed(const py::bytes& packed, const Array<uint64_t>& offsets,
                        const Array<uint16_t>& loci) {
  const Slots slots = to_slots(loci);
  const auto n = static_cast<uint32_t>(offsets.size() - 1);
  py::array_t<uint8_t> genotypes = genotype_array(n, slots.size());
  Array<uint8_t> meta(n);
  Escapes escapes;
  const std::string_view bytes = packed;
  dna::encode_packed(reinterpret_cast<const uint8_t*>(bytes.data()), offsets.data(), n, slots,
                     genotypes.mutable_data(), meta.mutable_data(), escapes);
  return py::make_tuple(genotypes, meta, to_array(escapes.keys), values_array(escapes.values));
}

// The number of packed profiles that hold each locus, by its index in the registry.
Array<int64_t> count_loci(const py::bytes& packed, const Array<uint64_t>& offsets) {
  Array<int64_t> counts(256);
  std::fill_n(counts.mutable_data(), 256, int64_t{0});
  const std::string_view bytes = packed;
  for (py::ssize_t i = 0; i + 1 < offsets.size(); ++i) {
    const char* at = bytes.data() + offsets.data()[i];
    const auto n = static_cast<uint8_t>(at[3]);
    at += sizeof(dna::PackedHeader);
    for (unsigned r = 0; r < n; ++r, at += sizeof(dna::PackedRecord)) {
      dna::PackedRecord record;
      std::memcpy(&record, at, sizeof record);
      ++counts.mutable_at(record.locus);
    }
  }
  return counts;
}

py::tuple encode_tenths(const Array<int16_t>& tenths, const Array<uint16_t>& loci,
                        const Array<uint32_t>& source, const std::string& single_allele) {
  const Slots slots = to_slots(loci);
  const std::vector<uint32_t> columns = to_vector(source);
  if (tenths.ndim() != 3 || tenths.shape(1) != slots.size() || tenths.shape(2) != 2 ||
      columns.size() != slots.size() ||
      std::any_of(columns.begin(), columns.end(), [&](uint32_t c) { return c >= slots.size(); })) {
    refuse_shape("alleles need the shape (n, loci, 2)");
  }
  const auto n = static_cast<uint32_t>(tenths.shape(0));
  py::array_t<uint8_t> genotypes = genotype_array(n, slots.size());
  uint8_t* to = genotypes.mutable_data();
  Escapes escapes;
  dna::TableNotes notes;
  const auto single = single_allele == "homozygote" ? dna::SingleAllele::homozygote
                      : single_allele == "wildcard" ? dna::SingleAllele::wildcard
                                                    : dna::SingleAllele::drop;
  {
    const LongCall call;
    notes = dna::encode_tenths(tenths.data(), n, slots, columns, single, to, escapes);
  }
  return py::make_tuple(genotypes, to_array(escapes.keys), values_array(escapes.values),
                        notes.wildcard_tokens, notes.single_alleles, notes.double_wildcards);
}

py::tuple seal(const Array<uint8_t>& genotypes, const Array<uint16_t>& loci,
               const Array<uint64_t>& escape_keys, const Array<uint16_t>& escape_values) {
  const Slots slots = to_slots(loci);
  if (genotypes.ndim() != 3 || genotypes.shape(1) != slots.size() || genotypes.shape(2) != 2 ||
      escape_values.size() != 5 * escape_keys.size()) {
    refuse_shape("genotypes need the shape (n, loci, 2)");
  }
  const auto n = static_cast<uint32_t>(genotypes.shape(0));
  const Escapes escapes = to_escapes(escape_keys, escape_values);
  const size_t stride = (size_t{n} + 63) / 64 * 64 + dna::scan_padding;
  py::array_t<uint8_t> sorted = genotype_array(n, slots.size());
  py::array_t<uint8_t> classes = allocate(stride * slots.size(), dna::class_dead);
  uint8_t* sorted_to = sorted.mutable_data();
  uint8_t* classes_to = classes.mutable_data();
  std::vector<uint32_t> order;
  Escapes moved;
  dna::Runs runs;
  {
    const LongCall call;
    order = dna::sorted_order(genotypes.data(), n, slots, escapes);
    moved = dna::write_sorted(genotypes.data(), n, slots, escapes, order, sorted_to, classes_to,
                              stride);
    runs = dna::find_runs(classes_to, stride, n, slots.size());
  }
  const size_t run_stride = runs.depth.size() + dna::scan_padding;
  py::array_t<uint8_t> run_classes = allocate(run_stride * runs.classes.size(), dna::class_dead);
  for (size_t slot = 0; slot < runs.classes.size(); ++slot) {
    std::copy(runs.classes[slot].begin(), runs.classes[slot].end(),
              run_classes.mutable_data() + slot * run_stride);
  }
  return py::make_tuple(
      to_array(order), sorted,
      classes.reshape({static_cast<py::ssize_t>(slots.size()), static_cast<py::ssize_t>(stride)}),
      run_classes.reshape(
          {static_cast<py::ssize_t>(runs.classes.size()), static_cast<py::ssize_t>(run_stride)}),
      to_array(runs.start), to_array(runs.depth), to_array(moved.keys), values_array(moved.values));
}

// Runs of these rows that no other live row shares: their key was derived from these people alone.
Array<uint32_t> dead_runs(const Segment& segment, const Array<uint32_t>& rows) {
  check_rows(rows, segment.rows());
  const dna::View view(segment);
  std::vector<uint32_t> gone = to_vector(rows);
  std::sort(gone.begin(), gone.end());
  const auto stays = [&](uint32_t row) {
    return segment.live(row) && !std::binary_search(gone.begin(), gone.end(), row);
  };
  std::vector<uint32_t> runs;
  for (const uint32_t row : gone) {
    const uint32_t run = view.run_of(row);
    if (run >= view.runs() || (!runs.empty() && runs.back() == run)) continue;
    bool shared = false;
    for (uint32_t r = view.run_begin(run); r < view.run_end(run) && !shared; ++r) shared = stays(r);
    if (!shared) runs.push_back(run);
  }
  return to_array(runs);
}

// A row as a packed profile.
py::bytes decode(const Segment& segment, uint32_t row) {
  if (row >= segment.rows()) refuse_row();
  const dna::View view(segment);
  std::vector<dna::PackedRecord> records;
  for (uint32_t slot = 0; slot < view.slots(); ++slot) {
    const dna::Locus l = view.genotype(row, slot);
    if (!l.in_exchange_view() && !l.in_original_view()) continue;
    records.push_back({view.locus(slot),
                       l.low,
                       l.high,
                       {l.designations[0], l.designations[1], l.designations[2]}});
  }
  std::sort(records.begin(), records.end(),
            [](const auto& a, const auto& b) { return a.locus < b.locus; });
  const uint8_t meta = view.meta(row);
  const dna::PackedHeader header{static_cast<uint8_t>(meta & dna::meta_stain),
                                 dna::amelogenin_of(meta), static_cast<uint8_t>(meta >> 1 & 1),
                                 static_cast<uint8_t>(records.size())};
  std::string out(sizeof header + records.size() * sizeof(dna::PackedRecord), '\0');
  std::memcpy(out.data(), &header, sizeof header);
  if (!records.empty()) {
    std::memcpy(out.data() + sizeof header, records.data(),
                records.size() * sizeof(dna::PackedRecord));
  }
  return out;
}

std::shared_ptr<dna::PolicyTables> make_policy(
    const std::vector<std::tuple<uint8_t, bool, bool, uint8_t, uint8_t>>& readings,
    uint8_t accepted, uint8_t stringency, uint8_t min_loci, uint8_t max_mismatched_loci) {
  dna::Policy policy;
  for (const auto& [floor, wildcards, micro, cost, budget] : readings) {
    policy.readings.push_back({floor, wildcards, micro, cost, budget});
  }
  policy.accepted = accepted;
  policy.original_view = stringency != 0;
  policy.stringency = static_cast<dna::Stringency>(stringency);
  policy.min_loci = min_loci;
  policy.max_mismatched_loci = max_mismatched_loci;
  return std::make_shared<dna::PolicyTables>(policy);
}

py::tuple compare_profiles(const py::bytes& a, const py::bytes& b,
                           const dna::PolicyTables& tables) {
  const std::string_view left = a, right = b;
  std::vector<dna::LocusVerdict> loci;
  const dna::Counts counts =
      dna::compare_profiles(reinterpret_cast<const uint8_t*>(left.data()),
                            reinterpret_cast<const uint8_t*>(right.data()), tables.policy(), &loci);
  const dna::Verdict verdict = dna::judge(counts, tables.policy());
  const bool differs =
      dna::amelogenin_differs(static_cast<uint8_t>(left[1]), static_cast<uint8_t>(right[1]));
  py::list by_locus;
  for (const dna::LocusVerdict& l : loci) {
    by_locus.append(py::make_tuple(l.index, l.worst, l.wildcards, l.micro_variants, l.mismatches));
  }
  return py::make_tuple(verdict.grade, dna::detail_of(counts, verdict, differs), by_locus);
}

Array<int64_t> match_matrix(const Array<uint8_t>& low, const Array<uint8_t>& high, uint32_t n,
                            unsigned threads) {
  const py::ssize_t loci = low.shape(0);
  if (low.ndim() != 2 || high.ndim() != 2 || high.shape(0) != loci ||
      low.shape(1) < py::ssize_t{n} + 64 || high.shape(1) < py::ssize_t{n} + 64) {
    refuse_shape("codes need the shape (loci, n + 64)");
  }
  std::vector<const uint8_t*> lows, highs;
  for (py::ssize_t l = 0; l < loci; ++l) {
    lows.push_back(low.data(l, 0));
    highs.push_back(high.data(l, 0));
  }
  std::vector<int64_t> counts;
  {
    const LongCall call;
    counts = dna::match_matrix(lows, highs, n, threads == 0 ? default_threads() : threads);
  }
  Array<int64_t> out({loci + 1, loci + 1});
  std::copy(counts.begin(), counts.end(), out.mutable_data());
  return out;
}

}  // namespace

void register_dna(py::module_& module) {
  py::class_<dna::PolicyTables, std::shared_ptr<dna::PolicyTables>>(module, "DnaPolicy")
      .def(py::init(&make_policy), py::arg("readings"), py::arg("accepted"), py::arg("stringency"),
           py::arg("min_loci"), py::arg("max_mismatched_loci"));
  py::class_<dna::DnaMatcher, Matcher>(module, "DnaMatcher")
      .def(py::init<std::shared_ptr<dna::PolicyTables>>(), py::arg("policy"))
      .def(
          "add_packed",
          [](dna::DnaMatcher& m, const py::bytes& packed, const std::vector<uint8_t>& periods) {
            const std::string_view bytes = packed;
            m.add_packed(reinterpret_cast<const uint8_t*>(bytes.data()), periods);
          },
          py::arg("packed"), py::arg("periods"))
      .def(
          "add_rows",
          [](dna::DnaMatcher& m, const Segment& segment, const Array<uint32_t>& rows) {
            check_rows(rows, segment.rows());
            const dna::View view(segment);
            const LongCall call;
            for (py::ssize_t i = 0; i < rows.size(); ++i) m.add_row(view, rows.data()[i]);
          },
          py::arg("segment"), py::arg("rows"));
  module.def("dna_count_loci", &count_loci, py::arg("packed"), py::arg("offsets"));
  module.def("dna_encode_packed", &encode_packed, py::arg("packed"), py::arg("offsets"),
             py::arg("loci"));
  module.def("dna_encode_tenths", &encode_tenths, py::arg("tenths"), py::arg("loci"),
             py::arg("source"), py::arg("single_allele"));
  module.def("dna_seal", &seal, py::arg("genotypes"), py::arg("loci"), py::arg("escape_keys"),
             py::arg("escape_values"));
  module.def("dna_dead_runs", &dead_runs, py::arg("segment"), py::arg("rows"));
  module.def("dna_decode", &decode, py::arg("segment"), py::arg("row"));
  module.def("dna_compare", &compare_profiles, py::arg("a"), py::arg("b"), py::arg("policy"));
  module.def("dna_match_matrix", &match_matrix, py::arg("low"), py::arg("high"), py::arg("n"),
             py::arg("threads"));
}

}  // namespace prum::bindings
