// AVX-512 VNNI operations on coded vectors: a panel of 16 rows in one register.

using Ints = __m512i;
using Floats = __m512;
using Bytes = __m512i;

struct Nibbles {
  __m512i low, high;
};

static constexpr uint32_t tile_probes = 12;
static constexpr uint32_t tile_panels = 2;
static constexpr uint32_t prefetch_panels = 2;

static inline Ints all_lanes(int32_t value) { return _mm512_set1_epi32(value); }
static inline void add(Ints& sums, Ints more) { sums = _mm512_add_epi32(sums, more); }
static inline Floats load(const float* at) { return _mm512_loadu_ps(at); }
// The first and the second numbers of 16 rows of four.
static inline void load_firsts(const float* at, Floats& first, Floats& second) {
  const __m512i pick = _mm512_set_epi32(29, 25, 21, 17, 13, 9, 5, 1, 28, 24, 20, 16, 12, 8, 4, 0);
  const __m512 a = _mm512_permutex2var_ps(_mm512_loadu_ps(at), pick, _mm512_loadu_ps(at + 16));
  const __m512 b = _mm512_permutex2var_ps(_mm512_loadu_ps(at + 32), pick, _mm512_loadu_ps(at + 48));
  first = _mm512_shuffle_f32x4(a, b, 0x44);
  second = _mm512_shuffle_f32x4(a, b, 0xEE);
}
static inline Floats scaled(Floats v, float by) { return _mm512_mul_ps(v, _mm512_set1_ps(by)); }
static inline Bytes load_bytes(const uint8_t* at) { return _mm512_loadu_si512(at); }

static inline Nibbles split(const uint8_t* at) {
  const __m512i mask = _mm512_set1_epi8(15);
  const __m512i v = _mm512_loadu_si512(at);
  return {_mm512_and_si512(v, mask), _mm512_and_si512(_mm512_srli_epi16(v, 4), mask)};
}

// In assembler, and volatile, because the compiler (GCC 12) otherwise moves loads ahead of products
// until 24 sums no longer fit the registers: 185 instead of 430 thousand million products a second.
static inline Bytes splat_group(const int8_t* codes) {
  Bytes four;
  asm volatile("vpbroadcastd %1, %0"
               : "=v"(four)
               : "m"(*reinterpret_cast<const int8_t (*)[4]>(codes)));
  return four;
}

static inline void add_products(Ints& sums, const Bytes& codes, const Bytes& probe) {
  asm volatile("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(codes), "v"(probe));
}

// Eight dimensions of Q panels times those of a probe.
template <int Q>
static inline void add_group(Ints (&sums)[Q], const Nibbles (&nibbles)[Q], const int8_t* codes) {
  const Bytes low = splat_group(codes);
#pragma GCC unroll 4
  for (int q = 0; q < Q; ++q) add_products(sums[q], nibbles[q].low, low);
  const Bytes high = splat_group(codes + 4);
#pragma GCC unroll 4
  for (int q = 0; q < Q; ++q) add_products(sums[q], nibbles[q].high, high);
}

static inline Floats bound(const ProbeTerms& t, Ints sums, Floats step, Floats error, Floats norm) {
  Floats rest = _mm512_fmadd_ps(error, _mm512_set1_ps(t.error_factor), _mm512_set1_ps(t.base));
  rest = _mm512_fmadd_ps(norm, _mm512_set1_ps(t.norm_factor), rest);
  const Floats unit = _mm512_mul_ps(step, _mm512_set1_ps(t.step));
  return _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums), unit, rest);
}

static inline uint32_t at_least(Floats upper, float floor) {
  return _mm512_cmp_ps_mask(upper, _mm512_set1_ps(floor), _CMP_GE_OQ);
}

// Compressing in the register: compressing stores are microcode on Zen 4.
static inline void compress(uint32_t mask, uint32_t first_row, uint32_t* out) {
  const __m512i rows =
      _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(first_row)),
                       _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
  _mm512_storeu_si512(out, _mm512_maskz_compress_epi32(static_cast<__mmask16>(mask), rows));
}
static inline void compress(uint32_t mask, Ints values, int32_t* out) {
  _mm512_storeu_si512(out, _mm512_maskz_compress_epi32(static_cast<__mmask16>(mask), values));
}
static inline void compress(uint32_t mask, Floats values, float* out) {
  _mm512_storeu_ps(out, _mm512_maskz_compress_ps(static_cast<__mmask16>(mask), values));
}

// Sum of the low nibbles of a row times the probe's codes.
static inline int32_t low_products(const uint8_t* low, const int8_t* first, const int8_t* second,
                                   size_t bytes) {
  const __m512i mask = _mm512_set1_epi8(15);
  __m512i a = _mm512_setzero_si512(), b = a;
  size_t at = 0;
  for (; at + 64 <= bytes; at += 64) {
    const __m512i v = _mm512_loadu_si512(low + at);
    a = _mm512_dpbusd_epi32(a, _mm512_and_si512(v, mask), _mm512_loadu_si512(first + at));
    b = _mm512_dpbusd_epi32(b, _mm512_and_si512(_mm512_srli_epi16(v, 4), mask),
                            _mm512_loadu_si512(second + at));
  }
  if (at < bytes) {  // half of 64: groups come by eight
    const __mmask16 lanes = 0x00FF;
    const __m512i v = _mm512_maskz_loadu_epi32(lanes, low + at);
    a = _mm512_dpbusd_epi32(a, _mm512_and_si512(v, mask),
                            _mm512_maskz_loadu_epi32(lanes, first + at));
    b = _mm512_dpbusd_epi32(b, _mm512_and_si512(_mm512_srli_epi16(v, 4), mask),
                            _mm512_maskz_loadu_epi32(lanes, second + at));
  }
  return _mm512_reduce_add_epi32(_mm512_add_epi32(a, b));
}

// Rows of groups to groups of rows: 16 registers, one a row, to one a group.
static inline void transpose(__m512i (&r)[16]) {
  __m512i t[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const __m512i a = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    const __m512i b = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xDD);
    const __m512i c = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    const __m512i d = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xDD);
    t[i] = _mm512_shuffle_i32x4(a, c, 0x88);
    t[i + 8] = _mm512_shuffle_i32x4(a, c, 0xDD);
    t[i + 4] = _mm512_shuffle_i32x4(b, d, 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(b, d, 0xDD);
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) r[i] = t[i];
}

// Both nibbles of a panel as whole bytes: [group][dimensions 0-3, then 4-7], 128 bytes apart.
static inline void unpack(const VectorPanels& panels, uint32_t panel, uint8_t* tile) {
  const __m512i low_mask = _mm512_set1_epi8(15);
  const __m512i high_mask = _mm512_set1_epi8(static_cast<char>(0xF0));
  const uint32_t groups = panels.groups;
  const size_t bytes = size_t{groups} * group_bytes;
  const uint8_t* high = panels.high + size_t{panel} * groups * 64;
  const uint8_t* low = panels.low + size_t{panel} * panel_rows * bytes;
  for (uint32_t g0 = 0; g0 < groups; g0 += 16) {
    const uint32_t n = groups - g0 >= 16 ? 16 : 8;
    const __mmask16 lanes = n == 16 ? 0xFFFF : 0x00FF;
    __m512i rows[16];
#pragma GCC unroll 16
    for (uint32_t r = 0; r < 16; ++r) {
      rows[r] = _mm512_maskz_loadu_epi32(lanes, low + r * bytes + size_t{g0} * group_bytes);
    }
    transpose(rows);
#pragma GCC unroll 16
    for (uint32_t g = 0; g < 16; ++g) {
      if (g >= n) break;
      const __m512i h = _mm512_loadu_si512(high + size_t{g0 + g} * 64);
      const __m512i l = rows[g];
      const __m512i first = _mm512_or_si512(_mm512_andnot_si512(low_mask, _mm512_slli_epi16(h, 4)),
                                            _mm512_and_si512(l, low_mask));
      const __m512i second = _mm512_or_si512(_mm512_and_si512(h, high_mask),
                                             _mm512_and_si512(_mm512_srli_epi16(l, 4), low_mask));
      _mm512_store_si512(tile + size_t{g0 + g} * 256, first);
      _mm512_store_si512(tile + size_t{g0 + g} * 256 + 128, second);
    }
  }
}
