// Operations on codes of minutiae without instructions of a particular machine.

template <uint32_t groups>
static void multiply_panel(const int8_t* a, uint32_t n, const int8_t* panel, int16_t* out,
                           uint32_t stride) {
  for (uint32_t i = 0; i < n; ++i) {
    const int8_t* codes = a + size_t{i} * code_bytes;
    int32_t sums[lane_block] = {};
    for (uint32_t g = 0; g < groups; ++g) {
      const int8_t* group = panel + g * 64;
      for (uint32_t lane = 0; lane < lane_block; ++lane) {
        int32_t sum = 0;
        for (uint32_t k = 0; k < 4; ++k) sum += codes[g * 4 + k] * group[lane * 4 + k];
        sums[lane] += sum;
      }
    }
    int16_t* row = out + size_t{i} * stride;
    for (uint32_t lane = 0; lane < lane_block; ++lane) row[lane] = static_cast<int16_t>(sums[lane]);
  }
}

static inline uint32_t lanes_above(const int16_t* at, int16_t floor) {
  uint32_t above = 0;
  for (uint32_t lane = 0; lane < lane_block; ++lane) above |= (at[lane] > floor ? 1u : 0u) << lane;
  return above;
}
