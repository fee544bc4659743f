// AVX-512 operations on lines of 64 symbols.

static inline Costs load(const uint8_t* line) { return {_mm512_loadu_si512(line)}; }

static inline Costs look_up(const SymbolTable& table, const Costs& symbols) {
  return {_mm512_permutexvar_epi8(symbols.all, _mm512_load_si512(table.at))};
}

static inline Costs add_saturated(const Costs& a, const Costs& b) {
  return {_mm512_adds_epu8(a.all, b.all)};
}

static inline Costs least(const Costs& a, const Costs& b) {
  return {_mm512_min_epu8(a.all, b.all)};
}

static inline Costs both(const Costs& a, const Costs& b) {
  return {_mm512_and_si512(a.all, b.all)};
}

static inline Costs either(const Costs& a, const Costs& b) {
  return {_mm512_or_si512(a.all, b.all)};
}

// Bytes moved up by a bit; the highest bit of another one moves in.
static inline Costs shift_in(const Costs& a, const Costs& lower) {
  const __m512i doubled = _mm512_add_epi8(a.all, a.all);
  const __mmask64 carry = _mm512_movepi8_mask(lower.all);
  return {_mm512_or_si512(doubled, _mm512_maskz_set1_epi8(carry, 1))};
}

static inline uint64_t equal_lanes(const Costs& a, uint8_t value) {
  return _mm512_cmpeq_epi8_mask(a.all, _mm512_set1_epi8(static_cast<char>(value)));
}
