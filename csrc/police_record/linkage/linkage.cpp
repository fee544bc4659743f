#include "police_record/linkage/linkage.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "engine/pool.hpp"
#include "engine/tier.hpp"
#include "engine/watch.hpp"
#include "police_record/columns/keys.hpp"
#include "police_record/columns/tokens.hpp"
#include "police_record/linkage/coarse.hpp"

namespace prum::police {
namespace {

// Number of rows that stay in cache while the names of all probes are compared with them.
constexpr uint32_t rows_together = 1u << 15;

// Number of probes of a task, where threads share the probes.
constexpr uint32_t probes_of_task = 64;

size_t tasks_of(uint32_t probes) { return (size_t{probes} + probes_of_task - 1) / probes_of_task; }
uint32_t first_of(size_t task) { return static_cast<uint32_t>(task) * probes_of_task; }
uint32_t last_of(size_t task, uint32_t probes) {
  return std::min(probes, first_of(task) + probes_of_task);
}

}  // namespace

// Probes of which all names fit into the lanes of a kernel.
template <class Names>
class LaneBlock {
 public:
  using Name = typename Rule<Names>::Name;

  // Takes probes from `first` on, at least one; `last` becomes the first that is left.
  LaneBlock(const Persons<Names>& persons, const std::vector<Probe<Name>>& probes,
            const Weights& weights, const Rule<Names>& rule, uint32_t first, uint32_t& last)
      : persons_(&persons), first_(first) {
    uint32_t lanes = 0;
    uint32_t probe = first;
    for (; probe < last; ++probe) {
      const auto names = static_cast<uint32_t>(probes[probe].names.size());
      if (probe > first && lanes + names > lanes_together) break;
      lanes += names;
    }
    last = probe;
    // Without tables, for more names than lanes, every person is compared.
    if (lanes <= lanes_together) tables_.emplace(persons, lanes == 1 ? 1 : lanes_together);
    uint32_t lane = 0;
    for (probe = first; probe < last; ++probe) {
      levels_.emplace_back(persons, rule, probes[probe]);
      for (size_t n = 0; tables_ && n < probes[probe].names.size(); ++n, ++lane) {
        coarse_.emplace_back(weights, probes[probe].names[n], persons.one_key);
        tables_->set(lane, coarse_[lane], levels_.back(), n);
        probe_of_.push_back(probe);
      }
    }
    rows_.resize(rows_together);
    lanes_.resize(rows_together);
  }

  const AllLevels<Names>& levels(uint32_t probe) const { return levels_[probe - first_]; }

  // Calls `take` with each probe and row of [begin, end) that may weigh least(probe) or more.
  template <class Least, class Take>
  void scan(uint32_t begin, uint32_t end, Least least, Take take) {
    Pulse<64> pulse;
    if (!tables_) {
      for (uint32_t row = begin; row < end; ++row) {
        pulse();
        take(first_, row);
      }
      return;
    }
    for (uint32_t from = begin; from < end;) {
      const uint32_t to = end - from > rows_together ? from + rows_together : end;
      check_watch();
      for (uint32_t lane = 0; lane < coarse_.size(); ++lane) {
        tables_->raise(lane, coarse_[lane], least(probe_of_[lane]));
      }
      const WeightKernels& kernels = kernels_in_use().weights;
      const auto scan_rows = tables_->lanes() == 1 ? kernels.scan_one : kernels.scan_many;
      const uint32_t found =
          scan_rows(persons_->people, tables_->tables(), from, to, rows_.data(), lanes_.data());
      if (found == damaged_people) throw_damaged();
      for (uint32_t i = 0; i < found; ++i) {
        pulse();
        take_row(rows_[i], lanes_[i], take);
      }
      from = to;
    }
  }

 private:
  template <class Take>
  void take_row(uint32_t row, uint32_t lanes, Take take) const {
    uint32_t before = UINT32_MAX;
    for (; lanes != 0; lanes &= lanes - 1) {
      const auto lane = static_cast<uint32_t>(__builtin_ctz(lanes));
      if (lane >= probe_of_.size() || probe_of_[lane] == before) continue;
      before = probe_of_[lane];
      take(before, row);
    }
  }

  const Persons<Names>* persons_;
  uint32_t first_;
  std::vector<AllLevels<Names>> levels_;
  std::vector<CoarseWeights> coarse_;
  std::vector<uint32_t> probe_of_;
  std::optional<CoarseTables<Names>> tables_;
  std::vector<uint32_t> rows_;
  std::vector<uint16_t> lanes_;
};

template <class Names>
void LinkageMatcher<Names>::search(const Segment& segment, uint32_t begin, uint32_t end,
                                   uint32_t first_probe, uint32_t last_probe, Sink& sink) const {
  if (first_probe == last_probe) return;  // without a probe, no key is needed
  const Persons<Names> persons(segment);
  uint8_t key = 0;
  if (key_) {
    const Keys keys(segment);
    keys.check(begin, end, *key_, sink);
    key = keys.place(*key_);
  }
  const auto least = [&](uint32_t probe) {
    const uint64_t cut = sink.cut(probe);
    return cut == UINT64_MAX ? least_ : std::max(least_, weight_of(cut));
  };
  const auto offer = [&](uint32_t probe, uint32_t row, const auto& levels) {
    if (!sink.visible(row)) return;
    const Agreement found = agreement_of(persons, probes_[probe], weights_, levels, row, key);
    if (found.compared && found.weight >= least(probe)) {
      sink.offer(probe, row, rank_of(found.weight), found.pattern);
    }
  };
  if (by_tokens_) {
    const Tokens tokens(segment);
    Pulse<16> pulse;
    for (uint32_t probe = first_probe; probe < last_probe; ++probe) {
      const LevelsOnDemand<Names> levels(persons, rule_, probes_[probe]);
      for (const uint32_t row : tokens.rows(probes_[probe].tokens, begin, end)) {
        pulse();
        offer(probe, row, levels);
      }
    }
    return;
  }
  for (uint32_t probe = first_probe; probe < last_probe;) {
    uint32_t last = last_probe;
    LaneBlock<Names> block(persons, probes_, weights_, rule_, probe, last);
    block.scan(begin, end, least,
               [&](uint32_t p, uint32_t row) { offer(p, row, block.levels(p)); });
    probe = last;
  }
}

template <class Names>
std::vector<Pair> LinkageMatcher<Names>::pairs(const Segment& segment,
                                               const uint32_t* after) const {
  const Persons<Names> persons(segment);
  const uint8_t key = key_ ? Keys(segment).place(*key_) : 0;
  const auto least = [&](uint32_t) { return least_; };
  std::vector<std::vector<Pair>> found(tasks_of(probes()));
  parallel_for(found.size(), default_threads(), [&](size_t task, unsigned) {
    const uint32_t end = last_of(task, probes());
    for (uint32_t probe = first_of(task); probe < end;) {
      uint32_t last = end;
      LaneBlock<Names> block(persons, probes_, weights_, rule_, probe, last);
      block.scan(0, segment.rows(), least, [&](uint32_t p, uint32_t row) {
        if (after != nullptr && row <= after[p]) return;
        const Agreement agreed =
            agreement_of(persons, probes_[p], weights_, block.levels(p), row, key);
        if (agreed.compared && agreed.weight >= least_) found[task].push_back({p, row, agreed});
      });
      probe = last;
    }
  });
  std::vector<Pair> out;
  for (const auto& part : found) out.insert(out.end(), part.begin(), part.end());
  return out;
}

template <class Names>
std::vector<uint64_t> LinkageMatcher<Names>::count_patterns(const Segment& segment,
                                                            const uint32_t* after) const {
  const Persons<Names> persons(segment);
  const uint8_t key = key_ ? Keys(segment).place(*key_) : 0;
  const size_t tasks = tasks_of(probes());
  const auto workers = static_cast<unsigned>(std::clamp<size_t>(tasks, 1, default_threads()));
  std::vector<std::vector<uint64_t>> counts(workers, std::vector<uint64_t>(patterns, 0));
  parallel_for(tasks, workers, [&](size_t task, unsigned worker) {
    for (uint32_t p = first_of(task); p < last_of(task, probes()); ++p) {
      const uint32_t first = after == nullptr ? 0 : after[p] + 1;
      count(persons, p, first, segment.rows(), key, counts[worker]);
    }
  });
  for (unsigned worker = 1; worker < workers; ++worker) {
    std::transform(counts[0].begin(), counts[0].end(), counts[worker].begin(), counts[0].begin(),
                   std::plus<>());
  }
  return std::move(counts[0]);
}

template <class Names>
void LinkageMatcher<Names>::count(const Persons<Names>& persons, uint32_t p, uint32_t first,
                                  uint32_t last, uint8_t key, std::vector<uint64_t>& counts) const {
  const AllLevels<Names> levels(persons, rule_, probes_[p]);
  const PatternParts<Names> parts(persons, levels);
  const bool plain = probes_[p].names.size() == 1 && persons.one_key;
  Pulse<1024> pulse;
  for (uint32_t row = first; row < last; ++row) {
    pulse();
    // Nearly all pairs have one name each, with one reading.
    const uint32_t straight = plain ? parts.of(row) : PatternParts<Names>::none;
    if (straight != PatternParts<Names>::none) {
      ++counts[straight];
      continue;
    }
    const Agreement found = agreement_of(persons, probes_[p], weights_, levels, row, key);
    if (found.compared) ++counts[found.pattern];
  }
}

template class LinkageMatcher<SpelledNames>;
template class LinkageMatcher<FilteredNames>;

}  // namespace prum::police
