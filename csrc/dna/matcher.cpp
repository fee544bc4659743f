#include "dna/matcher.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/tier.hpp"
#include "engine/watch.hpp"

namespace prum::dna {
namespace {

// Survivors of one kernel call at a time; the buffers live on the stack of each task.
constexpr uint32_t chunk = 2048;

bool in_view(const Locus& locus, const Policy& policy) {
  return policy.original_view ? locus.in_original_view() : locus.in_exchange_view();
}

void add_to(Counts& counts, const Locus& a, const Locus& b, const Policy& policy) {
  if (policy.original_view) {
    counts.add(compare_sets(a, b));
  } else {
    counts.add(compare_pairs(a, b));
  }
}

PackedHeader header_of(const uint8_t* packed) {
  PackedHeader header;
  std::memcpy(&header, packed, sizeof header);
  return header;
}

PackedRecord record_of(const uint8_t* packed, uint32_t i) {
  PackedRecord record;
  std::memcpy(&record, packed + sizeof(PackedHeader) + i * sizeof record, sizeof record);
  return record;
}

Locus locus_of(const PackedRecord& r) {
  return {r.low, r.high, {r.designations[0], r.designations[1], r.designations[2]}};
}

// One probe against one segment: its loci in the order of the segment's columns.
class Scan {
 public:
  Scan(const Probe& probe, const View& view, const std::vector<int16_t>& slot_of,
       const PolicyTables& tables, const Kernels& kernels)
      : probe_(probe), view_(view), tables_(tables), kernels_(kernels) {
    for (const ProbeLocus& locus : probe.loci) {
      const int16_t slot = locus.index < slot_of.size() ? slot_of[locus.index] : int16_t{-1};
      if (slot >= 0) steps_[n_steps_++] = {static_cast<uint32_t>(slot), &locus};
    }
    std::sort(steps_, steps_ + n_steps_,
              [](const Step& a, const Step& b) { return a.slot < b.slot; });
    for (uint32_t s = 0; s < n_steps_; ++s) {
      row_columns_[s] = {view.classes(steps_[s].slot), steps_[s].locus->table};
      if (steps_[s].slot < sort_depth) {
        run_columns_[n_run_columns_++] = {view.run_classes(steps_[s].slot), steps_[s].locus->table};
      }
    }
    for (uint32_t depth = 0; depth <= sort_depth; ++depth) {
      uint32_t s = 0;
      while (s < n_steps_ && steps_[s].slot < depth) ++s;
      first_step_[depth] = s;
    }
  }

  uint32_t loci() const { return n_steps_; }

  // Runs first: one lane stands for all rows that share the leading genotype classes.
  void search(uint32_t begin, uint32_t end, uint32_t probe_index, Sink& sink) const {
    const uint32_t first = view_.run_of(begin);
    const uint32_t last = std::min(view_.runs(), view_.run_of(end - 1) + 1);
    uint32_t runs[chunk];
    uint8_t costs[chunk];
    Range range;
    uint32_t done = begin;
    for (uint32_t at = first; at < last; at += chunk) {
      const uint32_t n = kernels_.scan(run_columns_, n_run_columns_, at, std::min(last, at + chunk),
                                       0, tables_.budget(), runs, costs);
      for (uint32_t i = 0; i < n; ++i) {
        const uint32_t run = runs[i];
        // Overlapping runs are damaged; every row is looked at once at most.
        const uint32_t from = std::max(done, view_.run_begin(run));
        const uint32_t to = std::min(end, view_.run_end(run));
        if (from >= to) continue;
        done = to;
        const Range next{from, to, costs[i], first_step_[view_.run_depth(run)]};
        if (next.continues(range)) {
          range.end = next.end;
          continue;
        }
        scan_rows(range, probe_index, sink);
        range = next;
      }
    }
    scan_rows(range, probe_index, sink);
  }

 private:
  static constexpr uint32_t max_steps = max_slots;

  struct Step {
    uint32_t slot;
    const ProbeLocus* locus;
  };

  // Neighbouring runs that lost nothing different are scanned as one.
  struct Range {
    uint32_t begin = 0, end = 0;
    uint8_t cost = 0;
    uint32_t step = 0;
    bool continues(const Range& before) const {
      return begin == before.end && cost == before.cost && step == before.step;
    }
  };

  void scan_rows(const Range& range, uint32_t probe_index, Sink& sink) const {
    uint32_t rows[chunk];
    uint8_t costs[chunk];
    Pulse<4> pulse;
    for (uint32_t at = range.begin; at < range.end; at += chunk) {
      pulse();
      const uint32_t n =
          kernels_.scan(row_columns_ + range.step, n_steps_ - range.step, at,
                        std::min(range.end, at + chunk), range.cost, tables_.budget(), rows, costs);
      for (uint32_t i = 0; i < n; ++i) verify(rows[i], probe_index, sink);
    }
  }

  void verify(uint32_t row, uint32_t probe_index, Sink& sink) const {
    if (!sink.visible(row)) return;
    const Policy& policy = tables_.policy();
    Counts counts;
    for (uint32_t s = 0; s < n_steps_; ++s) {
      const Locus reference = view_.genotype(row, steps_[s].slot);
      if (in_view(reference, policy)) add_to(counts, steps_[s].locus->alleles, reference, policy);
    }
    const Verdict verdict = judge(counts, policy);
    if (verdict.grade == 0) return;
    const bool differs = amelogenin_differs(probe_.amelogenin, amelogenin_of(view_.meta(row)));
    sink.offer(probe_index, row, rank_of(counts, verdict), detail_of(counts, verdict, differs));
  }

  const Probe& probe_;
  const View& view_;
  const PolicyTables& tables_;
  const Kernels& kernels_;
  Step steps_[max_steps];
  ScanColumn row_columns_[max_steps];
  ScanColumn run_columns_[sort_depth];
  uint32_t first_step_[sort_depth + 1];
  uint32_t n_steps_ = 0;
  uint32_t n_run_columns_ = 0;
};

}  // namespace

PolicyTables::PolicyTables(Policy policy)
    : policy_(std::move(policy)), budget_(cost_budget(policy_)), least_loci_(loci_floor(policy_)) {}

PolicyTables::~PolicyTables() {
  for (std::atomic<Bank*>& bank : banks_) delete bank.load();
}

// Made at first need, without a lock that a fork could leave locked. A thread that comes second
// throws its own work away.
const AcceptTable* PolicyTables::table(uint8_t period, uint8_t probe_class) const {
  const uint8_t mod = modulus(period);
  Bank* bank = banks_[mod].load(std::memory_order_acquire);
  if (bank == nullptr) {
    auto made = make_bank(mod);
    if (banks_[mod].compare_exchange_strong(bank, made.get(), std::memory_order_acq_rel)) {
      bank = made.release();
    }
  }
  return &bank->tables[probe_class];
}

std::unique_ptr<PolicyTables::Bank> PolicyTables::make_bank(uint8_t mod) const {
  auto bank = std::make_unique<Bank>();
  for (unsigned p = 0; p < 256; ++p) {
    AcceptTable& table = bank->tables[p];
    std::memset(&table, 0, sizeof table);
    for (unsigned r = 0; r < 256; ++r) {
      const uint8_t cost =
          least_cost(static_cast<uint8_t>(p), static_cast<uint8_t>(r), mod, policy_);
      table.cost[r] = cost;
      for (unsigned level = 0; level < cost; ++level) {
        uint8_t& byte = table.at_least[level][(r & 15) + (r >> 7) * 16];
        byte = static_cast<uint8_t>(byte | 1u << (r >> 4 & 7));
      }
    }
  }
  return bank;
}

DnaMatcher::DnaMatcher(std::shared_ptr<const PolicyTables> tables)
    : tables_(std::move(tables)), kernels_(&kernels_in_use()) {}

void DnaMatcher::add_locus(Probe& probe, uint16_t index, uint8_t period, const Locus& alleles) {
  if (!in_view(alleles, tables_->policy())) return;
  const uint8_t genotype_class = class_of(alleles.low, alleles.high, modulus(period));
  probe.loci.push_back({index, period, alleles, tables_->table(period, genotype_class)});
}

void DnaMatcher::add_packed(const uint8_t* packed, const std::vector<uint8_t>& period_of_locus) {
  const PackedHeader header = header_of(packed);
  Probe probe;
  probe.amelogenin = header.amelogenin;
  for (uint32_t i = 0; i < header.n_records; ++i) {
    const PackedRecord record = record_of(packed, i);
    add_locus(probe, record.locus, period_of_locus.at(record.locus), locus_of(record));
  }
  probes_.push_back(std::move(probe));
}

void DnaMatcher::add_row(const View& view, uint32_t row) {
  Probe probe;
  probe.amelogenin = amelogenin_of(view.meta(row));
  for (uint32_t slot = 0; slot < view.slots(); ++slot) {
    add_locus(probe, view.locus(slot), view.period(slot), view.genotype(row, slot));
  }
  probes_.push_back(std::move(probe));
}

// A single probe streams; its tiles only serve the threads. Many probes share a tile whose
// leading columns fit the second-level cache.
uint32_t DnaMatcher::tile_rows(uint32_t n) const { return n < 4 ? 1u << 20 : 1u << 16; }

void DnaMatcher::search(const Segment& segment, uint32_t begin, uint32_t end, uint32_t first_probe,
                        uint32_t last_probe, Sink& sink) const {
  const View view(segment);
  std::vector<int16_t> slot_of;
  for (uint32_t slot = 0; slot < view.slots(); ++slot) {
    if (slot_of.size() <= view.locus(slot)) slot_of.resize(view.locus(slot) + size_t{1}, -1);
    slot_of[view.locus(slot)] = static_cast<int16_t>(slot);
  }
  Pulse<16> pulse;
  for (uint32_t p = first_probe; p < last_probe; ++p) {
    pulse();
    const Scan scan(probes_[p], view, slot_of, *tables_, *kernels_);
    if (scan.loci() >= tables_->least_loci()) scan.search(begin, end, p, sink);
  }
}

Counts compare_profiles(const uint8_t* packed_a, const uint8_t* packed_b, const Policy& policy,
                        std::vector<LocusVerdict>* by_locus) {
  const PackedHeader a = header_of(packed_a), b = header_of(packed_b);
  Counts counts;
  for (uint32_t i = 0, j = 0; i < a.n_records && j < b.n_records;) {
    const PackedRecord left = record_of(packed_a, i), right = record_of(packed_b, j);
    if (left.locus < right.locus) {
      ++i;
      continue;
    }
    if (right.locus < left.locus) {
      ++j;
      continue;
    }
    ++i;
    ++j;
    const Locus of_a = locus_of(left), of_b = locus_of(right);
    if (!in_view(of_a, policy) || !in_view(of_b, policy)) continue;
    add_to(counts, of_a, of_b, policy);
    if (by_locus == nullptr) continue;
    if (policy.original_view) {
      by_locus->push_back({left.locus, static_cast<uint8_t>(compare_sets(of_a, of_b)), 0, 0, 0});
    } else {
      const LocusResult r = compare_pairs(of_a, of_b);
      by_locus->push_back(
          {left.locus, static_cast<uint8_t>(r.worst), r.wildcards, r.micro_variants, r.mismatches});
    }
  }
  return counts;
}

}  // namespace prum::dna
