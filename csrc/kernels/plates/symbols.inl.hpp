// Edit distance and patterns over blocks of keys, written once over the operations that differ per
// instruction set. Included inside an anonymous namespace of each implementation.

static uint64_t equal(const uint8_t* block, const uint8_t* symbols, uint32_t first, uint32_t n) {
  uint64_t keys = ~uint64_t{0};
  for (uint32_t i = first; i < n && keys != 0; ++i) {
    keys &= equal_lanes(load(block + size_t{i} * block_keys), symbols[i]);
  }
  return keys;
}

// The cells that can matter behind i symbols; neither end ever falls. Behind the last symbol all
// further ones of the read are trailing, which may be cheaper than the band assumes.
static inline uint32_t first_cell(const EditTable& table, uint32_t i) {
  const int32_t j = static_cast<int32_t>(i) + table.lowest;
  return j > 0 ? static_cast<uint32_t>(j) : 0;
}
static inline uint32_t last_cell(const EditTable& table, uint32_t i) {
  if (i == table.symbols) return table.read;
  const int32_t j = static_cast<int32_t>(i) + table.highest;
  const auto read = static_cast<int32_t>(table.read);
  return static_cast<uint32_t>(j < read ? j : read);
}

// The textbook recurrence, 64 keys a step, in the band that a distance within the most stays in.
// Cells outside the band are out of reach.
static inline void edit_step(const EditTable& table, uint32_t i, const Costs& symbols,
                             Costs* cells) {
  const uint32_t first = first_cell(table, i), last = last_cell(table, i);
  const uint8_t* inserted = i == table.symbols ? table.trailing : table.insertion;
  const Costs deleted = look_up(*table.deletion, symbols);
  Costs diagonal = splat(255), before = splat(255);
  if (first > 0) {
    diagonal = cells[first - 1];
    cells[first - 1] = splat(255);
  }
  for (uint32_t j = first; j <= last; ++j) {
    Costs cell = add_saturated(cells[j], deleted);
    if (j > 0) {
      cell = least(cell, add_saturated(diagonal, look_up(table.substitution[j - 1], symbols)));
      cell = least(cell, add_saturated(before, splat(inserted[j - 1])));
    }
    diagonal = cells[j];
    cells[j] = cell;
    before = cell;
  }
}

// Lanes that can still end within the most.
static inline uint64_t hopeful(const EditTable& table, uint32_t i, const Costs* cells) {
  if (i == table.symbols) return within(cells[table.read], table.most);
  const uint8_t* left = (i <= table.near ? table.near_left : table.left) + (table.symbols - i);
  Costs bound = splat(255);
  const uint32_t last = last_cell(table, i);
  for (uint32_t j = first_cell(table, i); j <= last; ++j) {
    bound = least(bound, add_saturated(cells[j], splat(left[j])));
  }
  return within(bound, table.most);
}

static uint64_t within_block(const EditTable& table, const uint8_t* block) {
  Costs cells[longest_read + 1];
  const uint32_t last = last_cell(table, 0);
  for (uint32_t j = 0; j <= table.read; ++j) {
    cells[j] = splat(j <= last ? table.leading[j] : uint8_t{255});
  }
  uint64_t keys = ~uint64_t{0};
  for (uint32_t i = 1; i <= table.symbols && keys != 0; ++i) {
    edit_step(table, i, load(block + size_t{i - 1} * block_keys), cells);
    if (i > 1 || table.symbols == 1) keys = hopeful(table, i, cells);
  }
  return keys;
}

static uint64_t extend(const EditTable& table, uint32_t depth, const uint8_t* given,
                       const uint8_t* symbols, uint8_t* next) {
  Costs cells[longest_read + 1];
  const uint32_t i = depth + 1, first = first_cell(table, i), last = last_cell(table, i);
  for (uint32_t j = first > 0 ? first - 1 : 0; j <= last; ++j) cells[j] = splat(given[j]);
  edit_step(table, i, load(symbols), cells);
  for (uint32_t j = first; j <= last; ++j) store(next + size_t{j} * block_keys, cells[j]);
  return hopeful(table, i, cells);
}

template <uint32_t bytes>
static uint64_t match_block(const PatternTable& table, const uint8_t* block, uint32_t symbols) {
  Costs state[bytes];
  for (uint32_t b = 0; b < bytes; ++b) state[b] = splat(b == 0 ? 1 : 0);
  for (uint32_t i = 0; i < symbols; ++i) {
    const Costs line = load(block + size_t{i} * block_keys);
    for (uint32_t b = bytes; b-- > 0;) {
      const Costs moved = shift_in(state[b], b > 0 ? state[b - 1] : splat(0));
      state[b] = either(both(moved, look_up(table.enters[b], line)),
                        both(state[b], splat(table.stays[b])));
    }
  }
  Costs ended = splat(0);
  for (uint32_t b = 0; b < bytes; ++b) ended = either(ended, both(state[b], splat(table.last[b])));
  return ~equal_lanes(ended, 0);
}

static void match(const PatternTable& table, const uint8_t* blocks, uint32_t symbols, uint32_t n,
                  uint64_t* keys) {
  const size_t stride = size_t{symbols} * block_keys;
  for (uint32_t i = 0; i < n; ++i, blocks += stride) {
    keys[i] = table.bytes == 1   ? match_block<1>(table, blocks, symbols)
              : table.bytes == 2 ? match_block<2>(table, blocks, symbols)
                                 : match_block<state_bytes>(table, blocks, symbols);
  }
}
