// AVX-512 VBMI operations: 64 lanes in one register, accept tables looked up in four registers.

struct Costs {
  __m512i all;
};

static inline Costs splat(uint8_t value) { return {_mm512_set1_epi8(static_cast<char>(value))}; }

static inline void add_costs(Costs& sum, const uint8_t* classes, const AcceptTable& table) {
  const __m512i v = _mm512_loadu_si512(classes);
  const __m512i low = _mm512_permutex2var_epi8(_mm512_load_si512(table.cost), v,
                                               _mm512_load_si512(table.cost + 64));
  const __m512i high = _mm512_permutex2var_epi8(_mm512_load_si512(table.cost + 128), v,
                                                _mm512_load_si512(table.cost + 192));
  const __m512i cost = _mm512_mask_blend_epi8(_mm512_movepi8_mask(v), low, high);
  sum.all = _mm512_add_epi8(sum.all, cost);
}

static inline uint64_t within(const Costs& sum, uint8_t budget) {
  return _mm512_cmple_epu8_mask(sum.all, _mm512_set1_epi8(static_cast<char>(budget)));
}

static inline void store(uint8_t* out, const Costs& sum) { _mm512_storeu_si512(out, sum.all); }

static inline void count_shared(Costs& full, Costs& partial, const uint8_t* low,
                                const uint8_t* high, uint8_t a, uint8_t b) {
  const __m512i va = _mm512_set1_epi8(static_cast<char>(a));
  const __m512i vb = _mm512_set1_epi8(static_cast<char>(b));
  const __m512i one = _mm512_set1_epi8(1);
  const __m512i l = _mm512_loadu_si512(low);
  const __m512i u = _mm512_loadu_si512(high);
  const __mmask64 la = _mm512_cmpeq_epi8_mask(l, va);
  const __mmask64 ub = _mm512_cmpeq_epi8_mask(u, vb);
  const __mmask64 same = la & ub;
  const __mmask64 any = la | ub | _mm512_cmpeq_epi8_mask(l, vb) | _mm512_cmpeq_epi8_mask(u, va);
  full.all = _mm512_mask_add_epi8(full.all, same, full.all, one);
  partial.all = _mm512_mask_add_epi8(partial.all, any & ~same, partial.all, one);
}
