// Queries for registrations, ready to be searched with.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "engine/search/sink.hpp"
#include "vehicle/edit.hpp"
#include "vehicle/pattern.hpp"
#include "vehicle/readings.hpp"
#include "vehicle/register.hpp"

namespace prum::vehicle {

inline constexpr uint32_t end_symbols = 8;     // of a chassis number, in the index of ends
inline constexpr uint32_t owner_symbols = 24;  // of the key of a holder or an owner

// Grades of candidates; the smaller is the better.
enum Grade : uint32_t {
  grade_exact = 1,
  grade_reading = 2,     // by a key that a national reading takes for the same
  grade_no_history = 3,  // current data; the data at the date are not known
};
// The same of registrations that another registration is looked up by.
enum LinkGrade : uint32_t { link_both = 1, link_plate = 2, link_vin = 3 };

// A remark to a probe: registrations of other times exist.
inline constexpr uint64_t remark_other_time = 1;

// The date that a question is about.
struct Date {
  int64_t at = 0;
  bool now = true;            // the date is that of the question
  bool keeps_history = true;  // the register has data from before the current ones

  // The grade of an entry at the date, by the interval in which it is valid: `grade` if it is valid
  // then, 0 if it is not, grade_no_history if that is unknown.
  uint32_t grade_of(const Register::Interval& valid, uint32_t grade) const {
    if (valid.to <= at) return 0;
    const bool began = valid.from <= at;
    if (!now && (valid.from == unknown_begin || (!began && !keeps_history))) {
      return grade_no_history;
    }
    return began ? grade : 0;
  }
};

struct Exact {
  Reading own;
  std::vector<Reading> others;  // equal by the rules of the state
  bool vin = false;
  Country country = 0;
  Date date;

  uint32_t readings() const { return static_cast<uint32_t>(others.size()) + 1; }
  const Reading& reading(uint32_t k) const { return k == 0 ? own : others[k - 1]; }
};

struct Fuzzy {
  Edit edit;
  Scope scope;
};

// A pattern; for chassis numbers, `end` is a pattern of their ends as well.
struct Fitting {
  Pattern pattern;
  std::optional<Pattern> end;
  bool vin;
  Scope scope;
};

// A holder or an owner, by the keys of identifying details.
struct Owner {
  std::vector<Key> keys;
  Country country = 0;
  Date date;
};

// A registration as the probe.
struct Link {
  Reading plate;
  Country country = 0;
  Key vin;
};

// Exact ones lie side by side, for there are many of them.
template <class T>
using Boxed = std::unique_ptr<const T>;
using Query = std::variant<Exact, Boxed<Fuzzy>, Boxed<Fitting>, Boxed<Link>, Boxed<Owner>>;

class VehicleMatcher final : public Matcher {
 public:
  void add(Query query) { queries_.push_back(std::move(query)); }
  void replace(uint32_t probe, Exact query) { queries_[probe] = std::move(query); }
  void reserve(size_t n) { queries_.reserve(queries_.size() + n); }

  uint32_t probes() const override { return static_cast<uint32_t>(queries_.size()); }
  uint32_t tile_rows(uint32_t) const override { return 1u << 22; }
  void search(const Segment& segment, uint32_t begin, uint32_t end, uint32_t first_probe,
              uint32_t last_probe, Sink& sink) const override;

 private:
  std::vector<Query> queries_;
};

}  // namespace prum::vehicle
