// Portable operations on 8 words beside each other: plain loops.

struct Words {
  uint64_t word[panel_filters];
};
struct BitCounts {
  uint64_t lane[panel_filters];
};

static inline BitCounts no_bits() { return {}; }

static inline Words load_words(const uint64_t* line) {
  Words out;
  for (uint32_t i = 0; i < panel_filters; ++i) out.word[i] = line[i];
  return out;
}

static inline void count_shared(BitCounts& counts, const Words& line, uint64_t word) {
  for (uint32_t i = 0; i < panel_filters; ++i) {
    counts.lane[i] += static_cast<uint64_t>(__builtin_popcountll(line.word[i] & word));
  }
}

static inline void store_counts(const BitCounts& counts, uint64_t* out) {
  for (uint32_t i = 0; i < panel_filters; ++i) out[i] = counts.lane[i];
}

static inline uint32_t hopeful_lanes(const FilterProbe& probe, const BitCounts& shared,
                                     const uint16_t* counts) {
  uint32_t out = 0;
  for (uint32_t i = 0; i < panel_filters; ++i) {
    const uint64_t bits = counts[i], tail_bits = counts[panel_filters + i];
    const uint64_t most =
        shared.lane[i] + (tail_bits < probe.tail_bits ? tail_bits : probe.tail_bits);
    out |= uint32_t{most << 21 >= probe.num * (bits + probe.bits)} << i;
  }
  return out;
}

static inline uint16_t shared_of(const uint64_t* a, const uint64_t* b) {
  int sum = 0;
  for (uint32_t w = 0; w < half_words; ++w) sum += __builtin_popcountll(a[w] & b[w]);
  return static_cast<uint16_t>(sum);
}
