// AVX2 operations on codes of minutiae: a panel of 16 in two registers a group.

// Signed by signed bytes: |a| times b with the sign of a. Two products of 127 * 127 stay within 16
// bits.
template <uint32_t groups>
static void multiply_panel(const int8_t* a, uint32_t n, const int8_t* panel, int16_t* out,
                           uint32_t stride) {
  const __m256i ones = _mm256_set1_epi16(1);
  for (uint32_t i = 0; i < n; ++i) {
    __m256i low = _mm256_setzero_si256(), high = _mm256_setzero_si256();
    for (uint32_t g = 0; g < groups; ++g) {
      int32_t four;
      __builtin_memcpy(&four, a + size_t{i} * code_bytes + g * 4, 4);
      const __m256i signs = _mm256_set1_epi32(four), sizes = _mm256_abs_epi8(signs);
      const auto* at = reinterpret_cast<const __m256i*>(panel + g * 64);
      const __m256i b0 = _mm256_sign_epi8(_mm256_loadu_si256(at), signs);
      const __m256i b1 = _mm256_sign_epi8(_mm256_loadu_si256(at + 1), signs);
      low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_maddubs_epi16(sizes, b0), ones));
      high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_maddubs_epi16(sizes, b1), ones));
    }
    const __m256i both = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + size_t{i} * stride), both);
  }
}

static inline uint32_t lanes_above(const int16_t* at, int16_t floor) {
  const __m256i values = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  const __m256i above = _mm256_cmpgt_epi16(values, _mm256_set1_epi16(floor));
  const __m128i bytes =
      _mm_packs_epi16(_mm256_castsi256_si128(above), _mm256_extracti128_si256(above, 1));
  return static_cast<uint32_t>(_mm_movemask_epi8(bytes));
}
