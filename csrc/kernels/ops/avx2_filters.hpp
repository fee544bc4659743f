// AVX2 operations on 8 words beside each other, in two registers. Bits are counted by nibbles, as
// W. Mula does, and added up in bytes: 8 words have at most 64 bits in a byte.

struct Words {
  __m256i half[2];
};
struct BitCounts {
  __m256i bytes[2];
};

static inline BitCounts no_bits() { return {{_mm256_setzero_si256(), _mm256_setzero_si256()}}; }

static inline Words load_words(const uint64_t* line) {
  const auto* at = reinterpret_cast<const __m256i*>(line);
  return {{_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)}};
}

static inline void count_shared(BitCounts& counts, const Words& line, uint64_t word) {
  const __m256i of_nibble =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i mask = _mm256_set1_epi64x(static_cast<long long>(word));
  for (int h = 0; h < 2; ++h) {
    const __m256i both = _mm256_and_si256(line.half[h], mask);
    const __m256i low = _mm256_and_si256(both, nibble);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(both, 4), nibble);
    const __m256i bits =
        _mm256_add_epi8(_mm256_shuffle_epi8(of_nibble, low), _mm256_shuffle_epi8(of_nibble, high));
    counts.bytes[h] = _mm256_add_epi8(counts.bytes[h], bits);
  }
}

static inline void store_counts(const BitCounts& counts, uint64_t* out) {
  for (int h = 0; h < 2; ++h) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 4 * h),
                        _mm256_sad_epu8(counts.bytes[h], _mm256_setzero_si256()));
  }
}

static inline uint32_t hopeful_lanes(const FilterProbe& probe, const BitCounts& shared,
                                     const uint16_t* counts) {
  uint32_t out = 0;
  for (int h = 0; h < 2; ++h) {
    const __m256i count = _mm256_sad_epu8(shared.bytes[h], _mm256_setzero_si256());
    const auto four = [&](const uint16_t* at) {
      return _mm256_cvtepu16_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(at)));
    };
    const __m256i bits = four(counts + 4 * h), tail = four(counts + panel_filters + 4 * h);
    // All below 2^11, so halves of the lanes do.
    const __m256i most = _mm256_add_epi64(
        count, _mm256_min_epu32(tail, _mm256_set1_epi64x(static_cast<long long>(probe.tail_bits))));
    const __m256i sum = _mm256_add_epi64(bits, _mm256_set1_epi64x(probe.bits));
    const __m256i wanted = _mm256_mul_epu32(sum, _mm256_set1_epi64x(probe.num));
    const __m256i short_of = _mm256_cmpgt_epi64(wanted, _mm256_slli_epi64(most, 21));
    out |= (~static_cast<uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(short_of))) & 15u)
           << 4 * h;
  }
  return out;
}

static inline uint16_t shared_of(const uint64_t* a, const uint64_t* b) {
  int sum = 0;
  for (uint32_t w = 0; w < half_words; ++w) sum += __builtin_popcountll(a[w] & b[w]);
  return static_cast<uint16_t>(sum);
}
