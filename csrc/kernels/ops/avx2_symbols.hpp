// AVX2 operations on lines of 64 symbols, in two registers.

static inline Costs load(const uint8_t* line) {
  const auto* at = reinterpret_cast<const __m256i*>(line);
  return {{_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)}};
}

// Four tables of 16 entries; the two upper bits of a symbol say which one.
static inline Costs look_up(const SymbolTable& table, const Costs& symbols) {
  const __m256i t0 = broadcast_16(table.at), t1 = broadcast_16(table.at + 16);
  const __m256i t2 = broadcast_16(table.at + 32), t3 = broadcast_16(table.at + 48);
  Costs out;
  for (int h = 0; h < 2; ++h) {
    const __m256i v = symbols.half[h];
    const __m256i bit_4 = _mm256_slli_epi16(v, 3), bit_5 = _mm256_slli_epi16(v, 2);
    const __m256i lower =
        _mm256_blendv_epi8(_mm256_shuffle_epi8(t0, v), _mm256_shuffle_epi8(t1, v), bit_4);
    const __m256i upper =
        _mm256_blendv_epi8(_mm256_shuffle_epi8(t2, v), _mm256_shuffle_epi8(t3, v), bit_4);
    out.half[h] = _mm256_blendv_epi8(lower, upper, bit_5);
  }
  return out;
}

static inline Costs add_saturated(const Costs& a, const Costs& b) {
  return {{_mm256_adds_epu8(a.half[0], b.half[0]), _mm256_adds_epu8(a.half[1], b.half[1])}};
}

static inline Costs least(const Costs& a, const Costs& b) {
  return {{_mm256_min_epu8(a.half[0], b.half[0]), _mm256_min_epu8(a.half[1], b.half[1])}};
}

static inline Costs both(const Costs& a, const Costs& b) {
  return {{_mm256_and_si256(a.half[0], b.half[0]), _mm256_and_si256(a.half[1], b.half[1])}};
}

static inline Costs either(const Costs& a, const Costs& b) {
  return {{_mm256_or_si256(a.half[0], b.half[0]), _mm256_or_si256(a.half[1], b.half[1])}};
}

// Bytes moved up by a bit; the highest bit of another one moves in.
static inline Costs shift_in(const Costs& a, const Costs& lower) {
  Costs out;
  for (int h = 0; h < 2; ++h) {
    // A byte with the highest bit is a negative number: all ones where it is below zero.
    const __m256i carry = _mm256_cmpgt_epi8(_mm256_setzero_si256(), lower.half[h]);
    out.half[h] = _mm256_sub_epi8(_mm256_add_epi8(a.half[h], a.half[h]), carry);
  }
  return out;
}

static inline uint64_t equal_lanes(const Costs& a, uint8_t value) {
  const __m256i wanted = _mm256_set1_epi8(static_cast<char>(value));
  const auto low =
      static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(a.half[0], wanted)));
  const auto high =
      static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(a.half[1], wanted)));
  return low | uint64_t{high} << 32;
}
