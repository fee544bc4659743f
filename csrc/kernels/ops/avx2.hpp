// AVX2 operations: 64 lanes in two registers, accept tables looked up as nibble bitmaps.

struct Costs {
  __m256i half[2];
};

static inline Costs splat(uint8_t value) {
  const __m256i v = _mm256_set1_epi8(static_cast<char>(value));
  return {{v, v}};
}

static inline __m256i broadcast_16(const uint8_t* bytes) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)));
}

static inline void add_costs(Costs& sum, const uint8_t* classes, const AcceptTable& table) {
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i bit_of =
      _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16,
                       32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const __m256i one_low = broadcast_16(table.at_least[0]);
  const __m256i one_high = broadcast_16(table.at_least[0] + 16);
  const __m256i two_low = broadcast_16(table.at_least[1]);
  const __m256i two_high = broadcast_16(table.at_least[1] + 16);
  for (int h = 0; h < 2; ++h) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(classes) + h);
    const __m256i low = _mm256_and_si256(v, nibble);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble);
    const __m256i bit = _mm256_shuffle_epi8(bit_of, high);
    const __m256i one = _mm256_blendv_epi8(_mm256_shuffle_epi8(one_low, low),
                                           _mm256_shuffle_epi8(one_high, low), v);
    const __m256i two = _mm256_blendv_epi8(_mm256_shuffle_epi8(two_low, low),
                                           _mm256_shuffle_epi8(two_high, low), v);
    __m256i s = sum.half[h];
    s = _mm256_sub_epi8(s, _mm256_cmpeq_epi8(_mm256_and_si256(one, bit), bit));
    s = _mm256_sub_epi8(s, _mm256_cmpeq_epi8(_mm256_and_si256(two, bit), bit));
    sum.half[h] = s;
  }
}

static inline uint64_t within(const Costs& sum, uint8_t budget) {
  const __m256i most = _mm256_set1_epi8(static_cast<char>(budget));
  uint64_t lanes = 0;
  for (int h = 0; h < 2; ++h) {
    const __m256i ok = _mm256_cmpeq_epi8(_mm256_max_epu8(sum.half[h], most), most);
    lanes |= uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(ok))} << (32 * h);
  }
  return lanes;
}

static inline void store(uint8_t* out, const Costs& sum) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), sum.half[0]);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out) + 1, sum.half[1]);
}

static inline void count_shared(Costs& full, Costs& partial, const uint8_t* low,
                                const uint8_t* high, uint8_t a, uint8_t b) {
  const __m256i va = _mm256_set1_epi8(static_cast<char>(a));
  const __m256i vb = _mm256_set1_epi8(static_cast<char>(b));
  for (int h = 0; h < 2; ++h) {
    const __m256i l = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(low) + h);
    const __m256i u = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(high) + h);
    const __m256i la = _mm256_cmpeq_epi8(l, va);
    const __m256i ub = _mm256_cmpeq_epi8(u, vb);
    const __m256i same = _mm256_and_si256(la, ub);
    const __m256i cross = _mm256_or_si256(_mm256_cmpeq_epi8(l, vb), _mm256_cmpeq_epi8(u, va));
    const __m256i one = _mm256_or_si256(_mm256_or_si256(la, ub), cross);
    full.half[h] = _mm256_sub_epi8(full.half[h], same);
    partial.half[h] = _mm256_sub_epi8(partial.half[h], _mm256_andnot_si256(same, one));
  }
}
