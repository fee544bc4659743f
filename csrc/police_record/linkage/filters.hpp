// Search for persons by one filter of 1024 bits a name; the Dice coefficient decides.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/search/sink.hpp"
#include "kernels/persons/filters.hpp"

namespace prum::police {

inline constexpr uint32_t filter_words = 2 * half_words;
inline constexpr uint32_t filter_bits = 64 * filter_words;

// Filters as panels: the first halves of 8 interleaved, the second halves one behind the other.
inline size_t panels_of(size_t filters) { return (filters + panel_filters - 1) / panel_filters; }
struct Interleaved {
  uint64_t* heads;   // [panel][word][filter]
  uint64_t* tails;   // [panel * 8][word]
  uint16_t* counts;  // [panel][2][filter]
};
void interleave(const uint64_t* filters, size_t n, const Interleaved& out);

// Ranks are scores in descending order.
uint64_t rank_of_score(double score);
double score_of_rank(uint64_t rank);
// 2 * shared / (bits of both), as a double; 0 where there are no bits.
double dice(uint32_t shared, uint32_t sum);

struct FilteredPerson {
  std::vector<std::vector<uint64_t>> filters;  // one a name
  std::vector<uint32_t> tokens;
};

class FilterMatcher final : public Matcher {
 public:
  // A candidate scores the threshold or more, above 0.
  FilterMatcher(double threshold, bool by_tokens, uint64_t key);

  void add(FilteredPerson person);
  uint32_t probes() const override { return static_cast<uint32_t>(first_filter_.size()) - 1; }
  uint32_t tile_rows(uint32_t) const override { return by_tokens_ ? UINT32_MAX : 1u << 16; }
  void search(const Segment& segment, uint32_t begin, uint32_t end, uint32_t first_probe,
              uint32_t last_probe, Sink& sink) const override;
  bool counts_all() const override { return false; }

 private:
  struct Filter {
    std::vector<uint64_t> words;
    uint32_t probe;
    uint32_t bits;
    uint32_t tail_bits;
  };

  double threshold_;
  bool by_tokens_;
  uint64_t key_;
  std::vector<uint16_t> least_;  // bits to share, by the sum of bits
  std::vector<Filter> filters_;
  std::vector<uint32_t> first_filter_{0};  // of each probe, and one more
  std::vector<std::vector<uint32_t>> tokens_;
};

}  // namespace prum::police
