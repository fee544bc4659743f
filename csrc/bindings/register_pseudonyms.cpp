// Pseudonyms of persons: names as they are spelled, their bit patterns and tokens.
//
// All functions hold the interpreter's lock, so a fork never sees the tables of an encoder half
// made.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/long_call.hpp"
#include "police_record/names/folding.hpp"
#include "police_record/pseudonyms/hmac.hpp"
#include "police_record/pseudonyms/patterns.hpp"
#include "police_record/pseudonyms/token_numbers.hpp"

namespace prum::bindings {
namespace {

using police::Folding;
using police::Forms;
using police::Half;
using police::Hmac;
using police::Patterns;
using police::Spellings;
using police::TokenNumbers;

void append_text(PyObject* text, std::u16string& to) {
  // Stands for any character beyond 16 bits. It is in no table, so the rule in Python gets the
  // name.
  constexpr Py_UCS4 rare = 0xffff;
  if (!PyUnicode_Check(text)) throw py::type_error("the parts of a name are text");
  const auto kind = PyUnicode_KIND(text);
  const void* const data = PyUnicode_DATA(text);
  const Py_ssize_t n = PyUnicode_GET_LENGTH(text);
  for (Py_ssize_t i = 0; i < n; ++i) {
    to += static_cast<char16_t>(std::min<Py_UCS4>(PyUnicode_READ(kind, data, i), rare));
  }
}

// Folds names, with their parts one space apart. Rare names stay empty and their places are
// returned.
py::tuple fold(const Folding& folding, const py::list& names) {
  auto spellings = std::make_unique<Spellings>();
  std::vector<size_t> rare;
  std::u16string text;
  Forms forms;
  const WatchedCall call;
  Pulse<64> pulse;
  for (const py::handle parts : names) {
    pulse();
    if (!PyTuple_Check(parts.ptr())) throw py::type_error("a name is a tuple of its parts");
    text.clear();
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(parts.ptr()); ++i) {
      if (i) text += u' ';
      append_text(PyTuple_GET_ITEM(parts.ptr(), i), text);
    }
    if (!folding.fold(text, forms)) {
      forms.clear();
      rare.push_back(spellings->size());
    }
    spellings->append(forms);
  }
  return py::make_tuple(py::cast(std::move(spellings)), rare);
}

size_t checked(const Spellings& spellings, size_t i) {
  if (i >= spellings.size()) throw py::index_error("no such name");
  return i;
}

Forms forms_of(const Spellings& spellings, size_t i) {
  Forms forms;
  for (size_t k = 0; k < spellings.count(checked(spellings, i)); ++k) {
    forms.emplace_back(spellings.form(i, k));
  }
  return forms;
}

uint64_t* rows_of(Array<uint64_t>& rows, size_t n, size_t words) {
  if (rows.ndim() != 2 || static_cast<size_t>(rows.shape(0)) != n ||
      static_cast<size_t>(rows.shape(1)) != words) {
    refuse_shape("rows need one line of words for each item");
  }
  return rows.mutable_data();
}

void add_names(Patterns& patterns, const Spellings& names, Array<uint64_t>& rows) {
  uint64_t* row = rows_of(rows, names.size(), patterns.words());
  const WatchedCall call;
  Pulse<64> pulse;
  for (size_t i = 0; i < names.size(); ++i, row += patterns.words()) {
    pulse();
    patterns.add_name(names, i, row);
  }
}

void add_dates(Patterns& patterns, const Array<uint32_t>& dates, Array<uint64_t>& rows) {
  const auto n = static_cast<size_t>(dates.size());
  uint64_t* row = rows_of(rows, n, patterns.words());
  for (size_t i = 0; i < n; ++i, row += patterns.words()) patterns.add_date(dates.data()[i], row);
}

// Sorted and distinct tokens of each person, by the first and family names of all persons, and the
// offsets of each person's tokens.
py::tuple tokens_of(TokenNumbers& tokens, const Spellings& first, const Spellings& family,
                    const Array<int64_t>& name_offsets, const Array<uint32_t>& birth_dates) {
  const auto n = static_cast<size_t>(birth_dates.size());
  const int64_t* ends = name_offsets.data();
  if (static_cast<size_t>(name_offsets.size()) != n + 1 || ends[0] != 0 ||
      !std::is_sorted(ends, ends + n + 1) || static_cast<size_t>(ends[n]) != first.size() ||
      first.size() != family.size()) {
    refuse_shape("offsets of names do not match names and birth dates");
  }
  std::vector<uint32_t> found, numbers;
  std::vector<int64_t> offsets{0};
  const WatchedCall call;
  Pulse<16> pulse;
  for (size_t person = 0; person < n; ++person) {
    pulse();
    const uint32_t birth = birth_dates.data()[person];
    numbers.clear();
    if (birth) tokens.add_date(birth, numbers);
    for (auto i = static_cast<size_t>(ends[person]); i < static_cast<size_t>(ends[person + 1]);
         ++i) {
      const Half halves[] = {police::read_half(first, i), police::read_half(family, i)};
      tokens.add_name(halves[0], halves[1], numbers);
      if (!birth) continue;
      for (const Half& half : halves) tokens.add_year(half, birth, numbers);
    }
    std::sort(numbers.begin(), numbers.end());
    found.insert(found.end(), numbers.begin(), std::unique(numbers.begin(), numbers.end()));
    offsets.push_back(static_cast<int64_t>(found.size()));
  }
  return py::make_tuple(to_array(found), to_array(offsets));
}

}  // namespace

void register_pseudonyms(py::module_& module) {
  py::class_<Folding>(module, "NameFolding")
      .def(py::init([](decltype(police::FoldingTables::capitals) capitals,
                       decltype(police::FoldingTables::spellings) spellings,
                       std::vector<std::string> particles,
                       decltype(police::FoldingTables::endings) endings,
                       decltype(police::FoldingTables::arabic) arabic, size_t max_forms) {
             return std::make_unique<Folding>(police::FoldingTables{
                 std::move(capitals), std::move(spellings), std::move(particles),
                 std::move(endings), std::move(arabic), max_forms});
           }),
           py::arg("capitals"), py::arg("spellings"), py::arg("particles"), py::arg("endings"),
           py::arg("arabic"), py::arg("max_forms"))
      .def("fold", &fold, py::arg("names"));
  py::class_<Spellings>(module, "NameSpellings")
      .def("__len__", &Spellings::size)
      .def(
          "put",
          [](Spellings& spellings, size_t i, const Forms& forms) {
            spellings.put(checked(spellings, i), forms);
          },
          py::arg("index"), py::arg("forms"))
      .def("__getitem__", &forms_of, py::arg("index"));
  py::class_<Hmac, std::shared_ptr<Hmac>>(module, "Hmac")
      .def(py::init([](const py::bytes& key) {
             return std::make_shared<Hmac>(static_cast<std::string_view>(key));
           }),
           py::arg("key"))
      .def(
          "digest",
          [](const Hmac& hmac, const py::bytes& message) {
            const police::Digest digest = hmac.digest(static_cast<std::string_view>(message));
            return py::bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
          },
          py::arg("message"))
      .def("forget", &Hmac::forget);
  py::class_<Patterns>(module, "NamePatterns")
      .def(py::init([](std::shared_ptr<Hmac> hmac, uint32_t bits_set, uint32_t bits) {
             return std::make_unique<Patterns>(std::move(hmac), bits_set, bits);
           }),
           py::arg("hmac"), py::arg("bits_set"), py::arg("bits"))
      .def("add_names", &add_names, py::arg("names"), py::arg("rows").noconvert())
      .def("add_dates", &add_dates, py::arg("birth_dates"), py::arg("rows").noconvert())
      .def("forget", &Patterns::forget);
  py::class_<TokenNumbers>(module, "TokenNumbers")
      .def(py::init([](std::shared_ptr<Hmac> hmac) {
             return std::make_unique<TokenNumbers>(std::move(hmac));
           }),
           py::arg("hmac").none(true))
      .def("of", &tokens_of, py::arg("first"), py::arg("family"), py::arg("name_offsets"),
           py::arg("birth_dates"))
      .def("forget", &TokenNumbers::forget);
}

}  // namespace prum::bindings
