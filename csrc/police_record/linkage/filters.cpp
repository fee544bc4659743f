#include "police_record/linkage/filters.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "engine/tier.hpp"
#include "engine/watch.hpp"
#include "police_record/columns/keys.hpp"
#include "police_record/columns/tokens.hpp"
#include "police_record/names/names.hpp"

namespace prum::police {
namespace {

// Filters that stay in cache while all probes look at their first halves.
constexpr uint32_t panels_together = 512;

uint32_t bits_of(const uint64_t* words, uint32_t n) {
  uint32_t sum = 0;
  for (uint32_t w = 0; w < n; ++w) sum += static_cast<uint32_t>(std::popcount(words[w]));
  return sum;
}

uint32_t shared_bits(const uint64_t* a, const uint64_t* b, uint32_t n) {
  uint32_t sum = 0;
  for (uint32_t w = 0; w < n; ++w) sum += static_cast<uint32_t>(std::popcount(a[w] & b[w]));
  return sum;
}

// The filters of a segment, and their owners.
class Filters {
 public:
  explicit Filters(const Segment& segment) : rows_(segment.rows()) {
    offsets_ =
        segment.column("entries.offsets", (size_t{rows_} + 1) * sizeof(uint32_t)).as<uint32_t>();
    const Column& keys = segment.column("entries.key");
    keys_ = keys.as<uint8_t>();
    n_ = static_cast<uint32_t>(keys.bytes);
    const size_t panels = panels_of(n_);
    panels_.heads = segment.column("filters.heads", panels * 512).as<uint64_t>();
    panels_.counts = segment.column("filters.counts", panels * 32).as<uint16_t>();
    tails_ = segment.column("filters.tails", panels * 512).as<uint64_t>();
  }

  const FilterPanels& panels() const { return panels_; }
  uint8_t key(uint32_t filter) const { return keys_[filter]; }
  uint32_t first_of(uint32_t row) const {
    if (offsets_[row] > n_) throw_damaged();
    return offsets_[row];
  }
  uint32_t row_of(uint32_t filter) const {
    const uint32_t* end = offsets_ + rows_ + 1;
    const auto behind = static_cast<uint32_t>(std::upper_bound(offsets_, end, filter) - offsets_);
    if (behind == 0 || behind > rows_) throw_damaged();
    return behind - 1;
  }
  // Whether a filter can share so many bits, by its second half and the counts alone: two lines of
  // memory, where the first half takes eight.
  bool may_share(const uint64_t* probe, uint32_t probe_bits, uint32_t filter,
                 const std::vector<uint16_t>& least) const {
    const uint16_t* counts = counts_of(filter);
    const uint32_t bits = counts[0], sum = bits + probe_bits;
    if (sum >= least.size() || counts[panel_filters] > bits) throw_damaged();
    const uint32_t probe_head = bits_of(probe, half_words);
    const uint32_t head = std::min<uint32_t>(bits - counts[panel_filters], probe_head);
    const uint64_t* tail = tails_ + size_t{filter} * half_words;
    return shared_bits(tail, probe + half_words, half_words) + head >= least[sum];
  }
  void expect(uint32_t row) const {
    const uint32_t filter = offsets_[row];
    if (filter >= n_) return;
    __builtin_prefetch(counts_of(filter));
    __builtin_prefetch(tails_ + size_t{filter} * half_words);
  }
  // Counted anew: a damaged column may hold wrong counts, which serve as bounds only.
  std::pair<uint32_t, uint32_t> shared_and_bits(const uint64_t* probe, uint32_t filter) const {
    const uint64_t* head =
        panels_.heads + size_t{filter / panel_filters} * 64 + filter % panel_filters;
    uint32_t shared = 0, bits = 0;
    for (uint32_t w = 0; w < half_words; ++w) {
      shared += static_cast<uint32_t>(std::popcount(head[w * panel_filters] & probe[w]));
      bits += static_cast<uint32_t>(std::popcount(head[w * panel_filters]));
    }
    const uint64_t* tail = tails_ + size_t{filter} * half_words;
    shared += shared_bits(tail, probe + half_words, half_words);
    return {shared, bits + bits_of(tail, half_words)};
  }

 private:
  const uint16_t* counts_of(uint32_t filter) const {
    return panels_.counts + size_t{filter / panel_filters} * 2 * panel_filters +
           filter % panel_filters;
  }

  uint32_t rows_;
  uint32_t n_;
  const uint32_t* offsets_;
  const uint8_t* keys_;
  FilterPanels panels_{};
  const uint64_t* tails_;
};

// A filter that scores enough. All filters of a row are found in one tile, and the best counts.
struct Found {
  uint32_t probe;
  uint32_t row;
  uint64_t rank;
  uint32_t detail;
};

void offer_best(std::vector<Found>& found, Sink& sink) {
  Pulse<4096> pulse;
  std::sort(found.begin(), found.end(), [&](const Found& a, const Found& b) {
    pulse();
    if (a.probe != b.probe) return a.probe < b.probe;
    if (a.row != b.row) return a.row < b.row;
    return a.rank != b.rank ? a.rank < b.rank : a.detail < b.detail;
  });
  for (size_t i = 0; i < found.size(); ++i) {
    pulse();
    const Found& f = found[i];
    if (i > 0 && found[i - 1].probe == f.probe && found[i - 1].row == f.row) continue;
    sink.offer(f.probe, f.row, f.rank, f.detail);
  }
}

}  // namespace

void interleave(const uint64_t* filters, size_t n, const Interleaved& out) {
  const size_t padded = panels_of(n) * panel_filters;
  Pulse<256> pulse;
  for (size_t i = 0; i < padded; ++i) {
    pulse();
    static constexpr uint64_t none[filter_words] = {};
    const uint64_t* filter = i < n ? filters + i * filter_words : none;
    const size_t panel = i / panel_filters, lane = i % panel_filters;
    for (size_t w = 0; w < half_words; ++w) {
      out.heads[(panel * half_words + w) * panel_filters + lane] = filter[w];
    }
    std::memcpy(out.tails + i * half_words, filter + half_words, half_words * sizeof(uint64_t));
    uint16_t* counts = out.counts + panel * 2 * panel_filters + lane;
    counts[0] = static_cast<uint16_t>(bits_of(filter, filter_words));
    counts[panel_filters] = static_cast<uint16_t>(bits_of(filter + half_words, half_words));
  }
}

// Scores are never negative: the bits of a larger one are the larger number.
uint64_t rank_of_score(double score) { return ~std::bit_cast<uint64_t>(score); }
double score_of_rank(uint64_t rank) { return std::bit_cast<double>(~rank); }

double dice(uint32_t shared, uint32_t sum) {
  return sum == 0 ? 0 : 2.0 * shared / static_cast<double>(sum);
}

FilterMatcher::FilterMatcher(double threshold, bool by_tokens, uint64_t key)
    : threshold_(threshold), by_tokens_(by_tokens), key_(key), least_(2 * filter_bits + 1) {
  for (uint32_t sum = 0; sum < least_.size(); ++sum) {
    least_[sum] = static_cast<uint16_t>(std::max(1u, least_shared(threshold, sum)));
  }
}

void FilterMatcher::add(FilteredPerson person) {
  for (std::vector<uint64_t>& words : person.filters) {
    const uint32_t bits = bits_of(words.data(), filter_words);
    const uint32_t tail = bits_of(words.data() + half_words, half_words);
    filters_.push_back({std::move(words), probes(), bits, tail});
  }
  first_filter_.push_back(static_cast<uint32_t>(filters_.size()));
  tokens_.push_back(std::move(person.tokens));
}

void FilterMatcher::search(const Segment& segment, uint32_t begin, uint32_t end,
                           uint32_t first_probe, uint32_t last_probe, Sink& sink) const {
  if (first_probe == last_probe) return;  // without a probe, no key is needed
  const Filters stored(segment);
  const Keys keys(segment);
  keys.check(begin, end, key_, sink);
  const uint8_t key = keys.place(key_);
  std::vector<Found> found;
  const auto compare = [&](const Filter& filter, uint32_t place, uint32_t row) {
    if (stored.key(place) != key) return;
    const auto [shared, bits] = stored.shared_and_bits(filter.words.data(), place);
    const uint32_t sum = bits + filter.bits;
    if (sum >= least_.size()) throw_damaged();
    if (shared < least_[sum]) return;
    const uint64_t rank = rank_of_score(dice(shared, sum));
    if (rank <= sink.cut(filter.probe)) {
      found.push_back({filter.probe, row, rank, place - stored.first_of(row)});
    }
  };
  const uint32_t first = first_filter_[first_probe], last = first_filter_[last_probe];
  if (by_tokens_) {
    const Tokens tokens(segment);
    Pulse<64> pulse;
    for (uint32_t probe = first_probe; probe < last_probe; ++probe) {
      const std::vector<uint32_t> rows = tokens.rows(tokens_[probe], begin, end);
      constexpr size_t ahead = 16;
      for (size_t i = 0; i < rows.size(); ++i) {
        if (i + ahead < rows.size()) stored.expect(rows[i + ahead]);
        pulse();
        const uint32_t row = rows[i];
        if (!sink.visible(row)) continue;
        for (uint32_t e = stored.first_of(row); e < stored.first_of(row + 1); ++e) {
          for (uint32_t f = first_filter_[probe]; f < first_filter_[probe + 1]; ++f) {
            const Filter& filter = filters_[f];
            if (stored.may_share(filter.words.data(), filter.bits, e, least_)) {
              compare(filter, e, row);
            }
          }
        }
      }
    }
    return offer_best(found, sink);
  }
  const FilterKernels& kernels = kernels_in_use().filters;
  const uint32_t from = stored.first_of(begin), to = stored.first_of(end);
  std::vector<uint32_t> places(probes_together * panels_together * panel_filters);
  std::vector<uint16_t> shared(places.size());
  const uint32_t last_panel = static_cast<uint32_t>(panels_of(to));
  for (uint32_t panel = from / panel_filters; panel < last_panel; panel += panels_together) {
    const uint32_t behind = std::min(last_panel, panel + panels_together);
    for (uint32_t f = first; f < last; f += probes_together) {
      check_watch();
      const uint32_t n = std::min(probes_together, last - f);
      FilterProbe probes[probes_together];
      FilterSurvivors survivors[probes_together];
      for (uint32_t p = 0; p < n; ++p) {
        const Filter& filter = filters_[f + p];
        std::copy_n(filter.words.data(), half_words, probes[p].head);
        probes[p].bits = filter.bits;
        probes[p].tail_bits = filter.tail_bits;
        const uint64_t cut = sink.cut(filter.probe);
        const double least =
            cut == UINT64_MAX ? threshold_ : std::max(threshold_, score_of_rank(cut));
        probes[p].num = static_cast<uint32_t>(std::floor(least * (1 << 20)));
        const size_t room = size_t{p} * panels_together * panel_filters;
        survivors[p] = {places.data() + room, shared.data() + room, 0};
      }
      kernels.scan(stored.panels(), probes, n, panel, behind, survivors);
      for (uint32_t p = 0; p < n; ++p) {
        for (uint32_t i = 0; i < survivors[p].n; ++i) {
          const uint32_t place = survivors[p].filters[i];
          if (place < from || place >= to) continue;
          const uint32_t row = stored.row_of(place);
          if (sink.visible(row)) compare(filters_[f + p], place, row);
        }
      }
    }
  }
  offer_best(found, sink);
}

}  // namespace prum::police
