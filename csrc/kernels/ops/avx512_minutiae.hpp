// AVX-512 operations on codes of minutiae: a panel of 16 in one register a group.

// Signed by signed bytes: the first are raised by 128, and 128 times the second are taken off.
template <uint32_t groups>
static void multiply_panel(const int8_t* a, uint32_t n, const int8_t* panel, int16_t* out,
                           uint32_t stride) {
  __m512i b[groups];
  __m512i raised = _mm512_setzero_si512();
  for (uint32_t g = 0; g < groups; ++g) {
    b[g] = _mm512_loadu_si512(panel + g * 64);
    raised = _mm512_dpbusd_epi32(raised, _mm512_set1_epi8(static_cast<char>(0x80)), b[g]);
  }
  const __m512i start = _mm512_sub_epi32(_mm512_setzero_si512(), raised);
  const auto group_of = [a](uint32_t i, uint32_t g) {
    int32_t four;
    __builtin_memcpy(&four, a + size_t{i} * code_bytes + g * 4, 4);
    return _mm512_set1_epi32(four ^ static_cast<int32_t>(0x80808080));
  };
  const auto keep = [out, stride](uint32_t i, __m512i sums) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + size_t{i} * stride),
                        _mm512_cvtepi32_epi16(sums));
  };
  uint32_t i = 0;
  for (; i + 4 <= n; i += 4) {
    __m512i s0 = start, s1 = start, s2 = start, s3 = start;
    for (uint32_t g = 0; g < groups; ++g) {
      s0 = _mm512_dpbusd_epi32(s0, group_of(i, g), b[g]);
      s1 = _mm512_dpbusd_epi32(s1, group_of(i + 1, g), b[g]);
      s2 = _mm512_dpbusd_epi32(s2, group_of(i + 2, g), b[g]);
      s3 = _mm512_dpbusd_epi32(s3, group_of(i + 3, g), b[g]);
    }
    keep(i, s0);
    keep(i + 1, s1);
    keep(i + 2, s2);
    keep(i + 3, s3);
  }
  for (; i < n; ++i) {
    __m512i sums = start;
    for (uint32_t g = 0; g < groups; ++g) sums = _mm512_dpbusd_epi32(sums, group_of(i, g), b[g]);
    keep(i, sums);
  }
}

static inline uint32_t lanes_above(const int16_t* at, int16_t floor) {
  const __m256i values = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  return _mm256_cmpgt_epi16_mask(values, _mm256_set1_epi16(floor));
}
