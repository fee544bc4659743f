// Portable operations: plain loops over 64 lanes.

struct Costs {
  uint8_t lane[64];
};

static inline Costs splat(uint8_t value) {
  Costs out;
  for (int i = 0; i < 64; ++i) out.lane[i] = value;
  return out;
}

static inline void add_costs(Costs& sum, const uint8_t* classes, const AcceptTable& table) {
  for (int i = 0; i < 64; ++i) {
    sum.lane[i] = static_cast<uint8_t>(sum.lane[i] + table.cost[classes[i]]);
  }
}

static inline uint64_t within(const Costs& sum, uint8_t budget) {
  uint64_t lanes = 0;
  for (int i = 0; i < 64; ++i) lanes |= uint64_t{sum.lane[i] <= budget} << i;
  return lanes;
}

static inline void store(uint8_t* out, const Costs& sum) {
  for (int i = 0; i < 64; ++i) out[i] = sum.lane[i];
}

static inline void count_shared(Costs& full, Costs& partial, const uint8_t* low,
                                const uint8_t* high, uint8_t a, uint8_t b) {
  for (int i = 0; i < 64; ++i) {
    const int same = (low[i] == a) & (high[i] == b);
    const int one = (low[i] == a) | (low[i] == b) | (high[i] == a) | (high[i] == b);
    full.lane[i] = static_cast<uint8_t>(full.lane[i] + same);
    partial.lane[i] = static_cast<uint8_t>(partial.lane[i] + (one & ~same));
  }
}
