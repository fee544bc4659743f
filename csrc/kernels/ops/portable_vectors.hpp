// Operations on coded vectors in plain C++; the compiler vectorises the lanes where it can.

struct Ints {
  int32_t lane[16];
};
struct Floats {
  float lane[16];
};
struct Nibbles {
  const uint8_t* codes;
};

static constexpr uint32_t tile_probes = 1;
static constexpr uint32_t tile_panels = 1;
static constexpr uint32_t prefetch_panels = 2;

static inline Ints all_lanes(int32_t value) {
  Ints out;
  for (int32_t& lane : out.lane) lane = value;
  return out;
}
static inline void add(Ints& sums, const Ints& more) {
  for (int r = 0; r < 16; ++r) sums.lane[r] += more.lane[r];
}
static inline Floats load(const float* at) {
  Floats out;
  __builtin_memcpy(&out, at, sizeof out);
  return out;
}
static inline Nibbles split(const uint8_t* at) { return {at}; }

template <int Q>
static inline void add_group(Ints (&sums)[Q], const Nibbles (&nibbles)[Q], const int8_t* codes) {
  for (int q = 0; q < Q; ++q) {
    uint32_t rows[16];
    __builtin_memcpy(rows, nibbles[q].codes, sizeof rows);
    for (int b = 0; b < 4; ++b) {
      const int32_t low = codes[b], high = codes[b + 4];
      for (int r = 0; r < 16; ++r) {
        const auto byte = static_cast<int32_t>(rows[r] >> (8 * b) & 255);
        sums[q].lane[r] += (byte & 15) * low + (byte >> 4) * high;
      }
    }
  }
}

static inline Floats bound(const ProbeTerms& t, const Ints& sums, const Floats& step,
                           const Floats& error, const Floats& norm) {
  Floats upper;
  for (int r = 0; r < 16; ++r) {
    upper.lane[r] = t.base + error.lane[r] * t.error_factor + norm.lane[r] * t.norm_factor +
                    static_cast<float>(sums.lane[r]) * (step.lane[r] * t.step);
  }
  return upper;
}

static inline uint32_t at_least(const Floats& upper, float floor) {
  uint32_t mask = 0;
  for (int r = 0; r < 16; ++r) mask |= static_cast<uint32_t>(upper.lane[r] >= floor) << r;
  return mask;
}

static inline void compress(uint32_t mask, uint32_t first_row, uint32_t* out) {
  for (; mask != 0; mask &= mask - 1) {
    *out++ = first_row + static_cast<uint32_t>(__builtin_ctz(mask));
  }
}
static inline void compress(uint32_t mask, const Ints& values, int32_t* out) {
  for (; mask != 0; mask &= mask - 1) *out++ = values.lane[__builtin_ctz(mask)];
}
static inline void compress(uint32_t mask, const Floats& values, float* out) {
  for (; mask != 0; mask &= mask - 1) *out++ = values.lane[__builtin_ctz(mask)];
}

static inline int32_t low_products(const uint8_t* low, const int8_t* first, const int8_t* second,
                                   size_t bytes) {
  int32_t sum = 0;
  for (size_t i = 0; i < bytes; ++i) {
    sum += (low[i] & 15) * first[i] + (low[i] >> 4) * second[i];
  }
  return sum;
}
