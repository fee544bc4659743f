// AVX-512 operations on 8 words beside each other: VPOPCNTDQ counts them.

using Words = __m512i;
using BitCounts = __m512i;

static inline BitCounts no_bits() { return _mm512_setzero_si512(); }

static inline Words load_words(const uint64_t* line) { return _mm512_loadu_si512(line); }

static inline void count_shared(BitCounts& counts, const Words& line, uint64_t word) {
  const __m512i both = _mm512_and_si512(line, _mm512_set1_epi64(static_cast<long long>(word)));
  counts = _mm512_add_epi64(counts, _mm512_popcnt_epi64(both));
}

static inline void store_counts(const BitCounts& counts, uint64_t* out) {
  _mm512_storeu_si512(out, counts);
}

static inline uint32_t hopeful_lanes(const FilterProbe& probe, const BitCounts& shared,
                                     const uint16_t* counts) {
  const auto eight = [](const uint16_t* at) {
    return _mm512_cvtepu16_epi64(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
  };
  const __m512i tail = _mm512_min_epu64(eight(counts + panel_filters),
                                        _mm512_set1_epi64(static_cast<long long>(probe.tail_bits)));
  const __m512i most = _mm512_slli_epi64(_mm512_add_epi64(shared, tail), 21);
  const __m512i sum = _mm512_add_epi64(eight(counts), _mm512_set1_epi64(probe.bits));
  const __m512i wanted = _mm512_mul_epu32(sum, _mm512_set1_epi64(probe.num));
  return _mm512_cmpge_epu64_mask(most, wanted);
}

static inline uint16_t shared_of(const uint64_t* a, const uint64_t* b) {
  const __m512i both = _mm512_and_si512(_mm512_loadu_si512(a), _mm512_loadu_si512(b));
  return static_cast<uint16_t>(_mm512_reduce_add_epi64(_mm512_popcnt_epi64(both)));
}
