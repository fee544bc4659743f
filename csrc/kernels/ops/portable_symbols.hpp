// Portable operations on lines of 64 symbols: plain loops.

static inline Costs load(const uint8_t* line) {
  Costs out;
  for (int i = 0; i < 64; ++i) out.lane[i] = line[i];
  return out;
}

// A damaged column may hold values that are not symbols.
static inline Costs look_up(const SymbolTable& table, const Costs& symbols) {
  Costs out;
  for (int i = 0; i < 64; ++i) out.lane[i] = table.at[symbols.lane[i] & 63];
  return out;
}

static inline Costs add_saturated(const Costs& a, const Costs& b) {
  Costs out;
  for (int i = 0; i < 64; ++i) {
    const auto sum = static_cast<uint8_t>(a.lane[i] + b.lane[i]);
    out.lane[i] = static_cast<uint8_t>(sum | -(sum < a.lane[i]));
  }
  return out;
}

static inline Costs least(const Costs& a, const Costs& b) {
  Costs out;
  for (int i = 0; i < 64; ++i) out.lane[i] = a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i];
  return out;
}

static inline Costs both(const Costs& a, const Costs& b) {
  Costs out;
  for (int i = 0; i < 64; ++i) out.lane[i] = a.lane[i] & b.lane[i];
  return out;
}

static inline Costs either(const Costs& a, const Costs& b) {
  Costs out;
  for (int i = 0; i < 64; ++i) out.lane[i] = a.lane[i] | b.lane[i];
  return out;
}

// Bytes moved up by a bit; the highest bit of another one moves in.
static inline Costs shift_in(const Costs& a, const Costs& lower) {
  Costs out;
  for (int i = 0; i < 64; ++i) {
    out.lane[i] = static_cast<uint8_t>(a.lane[i] << 1 | lower.lane[i] >> 7);
  }
  return out;
}

static inline uint64_t equal_lanes(const Costs& a, uint8_t value) {
  uint64_t lanes = 0;
  for (int i = 0; i < 64; ++i) lanes |= uint64_t{a.lane[i] == value} << i;
  return lanes;
}
