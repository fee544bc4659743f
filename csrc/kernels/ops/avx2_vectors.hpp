// AVX2 operations on coded vectors: a panel of 16 rows in two registers.

struct Ints {
  __m256i a, b;
};
struct Floats {
  __m256 a, b;
};
struct Nibbles {
  __m256i low_a, low_b, high_a, high_b;
};
struct ProbeGroup {
  __m256i low, high;
};

static constexpr uint32_t tile_probes = 2;
static constexpr uint32_t tile_panels = 1;
static constexpr uint32_t prefetch_panels = 2;

static inline Ints all_lanes(int32_t value) {
  const __m256i v = _mm256_set1_epi32(value);
  return {v, v};
}
static inline void add(Ints& sums, const Ints& more) {
  sums.a = _mm256_add_epi32(sums.a, more.a);
  sums.b = _mm256_add_epi32(sums.b, more.b);
}
static inline Floats load(const float* at) {
  return {_mm256_loadu_ps(at), _mm256_loadu_ps(at + 8)};
}

static inline Nibbles split(const uint8_t* at) {
  const __m256i mask = _mm256_set1_epi8(15);
  const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32));
  return {_mm256_and_si256(a, mask), _mm256_and_si256(b, mask),
          _mm256_and_si256(_mm256_srli_epi16(a, 4), mask),
          _mm256_and_si256(_mm256_srli_epi16(b, 4), mask)};
}

static inline ProbeGroup probe_group(const int8_t* codes) {
  int32_t low, high;
  __builtin_memcpy(&low, codes, 4);
  __builtin_memcpy(&high, codes + 4, 4);
  return {_mm256_set1_epi32(low), _mm256_set1_epi32(high)};
}

// Two products of 15 * 127 at most, and two such sums, stay within 16 bits: 4 * 1905 = 7620.
static inline __m256i add_eight(__m256i sums, __m256i low, __m256i high, const ProbeGroup& probe) {
  const __m256i pairs = _mm256_add_epi16(_mm256_maddubs_epi16(low, probe.low),
                                         _mm256_maddubs_epi16(high, probe.high));
  return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

template <int Q>
static inline void add_group(Ints (&sums)[Q], const Nibbles (&nibbles)[Q], const int8_t* codes) {
  const ProbeGroup probe = probe_group(codes);
  for (int q = 0; q < Q; ++q) {
    sums[q].a = add_eight(sums[q].a, nibbles[q].low_a, nibbles[q].high_a, probe);
    sums[q].b = add_eight(sums[q].b, nibbles[q].low_b, nibbles[q].high_b, probe);
  }
}

static inline __m256 bound_half(const ProbeTerms& t, __m256i sums, __m256 step, __m256 error,
                                __m256 norm) {
  __m256 rest = _mm256_fmadd_ps(error, _mm256_set1_ps(t.error_factor), _mm256_set1_ps(t.base));
  rest = _mm256_fmadd_ps(norm, _mm256_set1_ps(t.norm_factor), rest);
  const __m256 unit = _mm256_mul_ps(step, _mm256_set1_ps(t.step));
  return _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums), unit, rest);
}

static inline Floats bound(const ProbeTerms& t, const Ints& sums, const Floats& step,
                           const Floats& error, const Floats& norm) {
  return {bound_half(t, sums.a, step.a, error.a, norm.a),
          bound_half(t, sums.b, step.b, error.b, norm.b)};
}

static inline uint32_t at_least(const Floats& upper, float floor) {
  const __m256 f = _mm256_set1_ps(floor);
  const int a = _mm256_movemask_ps(_mm256_cmp_ps(upper.a, f, _CMP_GE_OQ));
  const int b = _mm256_movemask_ps(_mm256_cmp_ps(upper.b, f, _CMP_GE_OQ));
  return static_cast<uint32_t>(a | b << 8);
}

static inline void compress(uint32_t mask, uint32_t first_row, uint32_t* out) {
  for (; mask != 0; mask &= mask - 1) {
    *out++ = first_row + static_cast<uint32_t>(__builtin_ctz(mask));
  }
}
template <class T, class Values>
static inline void compress_lanes(uint32_t mask, const Values& values, T* out) {
  T lanes[16];
  __builtin_memcpy(lanes, &values, sizeof lanes);
  for (; mask != 0; mask &= mask - 1) *out++ = lanes[__builtin_ctz(mask)];
}
static inline void compress(uint32_t mask, const Ints& values, int32_t* out) {
  compress_lanes(mask, values, out);
}
static inline void compress(uint32_t mask, const Floats& values, float* out) {
  compress_lanes(mask, values, out);
}

static inline int32_t low_products(const uint8_t* low, const int8_t* first, const int8_t* second,
                                   size_t bytes) {
  const __m256i mask = _mm256_set1_epi8(15);
  __m256i sums = _mm256_setzero_si256();
  for (size_t at = 0; at < bytes; at += 32) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(low + at));
    const ProbeGroup probe = {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(first + at)),
                              _mm256_loadu_si256(reinterpret_cast<const __m256i*>(second + at))};
    sums = add_eight(sums, _mm256_and_si256(v, mask),
                     _mm256_and_si256(_mm256_srli_epi16(v, 4), mask), probe);
  }
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1));
  return _mm_cvtsi128_si32(s);
}
