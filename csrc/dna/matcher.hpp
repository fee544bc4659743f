// Prepared DNA probes and the exact search of a segment.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "dna/rule.hpp"
#include "dna/view.hpp"
#include "engine/search/sink.hpp"
#include "kernels/kernels.hpp"

namespace prum::dna {

// The accept tables of a policy: the cost of every class for a probe of each class, per modulus.
// They depend on the policy alone, so they are made once and serve every probe.
class PolicyTables {
 public:
  explicit PolicyTables(Policy policy);
  ~PolicyTables();
  PolicyTables(const PolicyTables&) = delete;
  PolicyTables& operator=(const PolicyTables&) = delete;

  const Policy& policy() const { return policy_; }
  uint8_t budget() const { return budget_; }
  uint8_t least_loci() const { return least_loci_; }
  const AcceptTable* table(uint8_t period, uint8_t probe_class) const;

 private:
  struct Bank {
    AcceptTable tables[256];
  };
  Policy policy_;
  uint8_t budget_;
  uint8_t least_loci_;
  std::unique_ptr<Bank> make_bank(uint8_t mod) const;
  mutable std::atomic<Bank*> banks_[22] = {};  // by modulus
};

struct ProbeLocus {
  uint16_t index;  // of the locus in the registry
  uint8_t period;
  Locus alleles;
  const AcceptTable* table;
};

struct Probe {
  uint8_t amelogenin = 0;
  std::vector<ProbeLocus> loci;
};

class DnaMatcher final : public Matcher {
 public:
  explicit DnaMatcher(std::shared_ptr<const PolicyTables> tables);

  // A profile in packed form; `period` gives the repeat period of each record's locus.
  void add_packed(const uint8_t* packed, const std::vector<uint8_t>& period_of_locus);
  void add_row(const View& view, uint32_t row);

  uint32_t probes() const override { return static_cast<uint32_t>(probes_.size()); }
  uint32_t tile_rows(uint32_t n) const override;
  void search(const Segment& segment, uint32_t begin, uint32_t end, uint32_t first_probe,
              uint32_t last_probe, Sink& sink) const override;

 private:
  void add_locus(Probe& probe, uint16_t index, uint8_t period, const Locus& alleles);

  std::shared_ptr<const PolicyTables> tables_;
  const Kernels* kernels_;
  std::vector<Probe> probes_;
};

// Counts over the loci that both profiles hold in the policy's view; also per locus for the
// explanation: (index of the locus, class or stringency).
struct LocusVerdict {
  uint16_t index;
  uint8_t worst;
  uint8_t wildcards, micro_variants, mismatches;
};
Counts compare_profiles(const uint8_t* packed_a, const uint8_t* packed_b, const Policy& policy,
                        std::vector<LocusVerdict>* by_locus);

}  // namespace prum::dna
