// Scans of coded vectors, written once over the operations that differ per instruction set.
// Included inside an anonymous namespace of each implementation.

// Up to this number of probes, a scan waits for memory. With more it does not, and it fetches the
// low nibbles as well.
static constexpr int few_probes = 4;

// Rows of one panel that may reach the floor.
static inline void keep_panel(const Ints& sums, const Floats& upper, float floor, uint32_t panel,
                              Survivors& out) {
  const uint32_t mask = at_least(upper, floor);
  if (mask == 0) return;
  compress(mask, panel * panel_rows, out.rows + out.n);
  compress(mask, upper, out.upper + out.n);
  compress(mask, sums, out.sums + out.n);
  out.n += static_cast<uint32_t>(__builtin_popcount(mask));
}

// Fetches low nibbles to the second level: the first has too few buffers for rows that lie apart.
static inline void fetch(const uint8_t* low, size_t bytes) {
  for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(low + at, 0, 2);
}

// Q panels against P probes of the block, from the probe p0 on. With few of both, the products of
// successive groups go to several sums, which do not wait for each other.
template <int P, int Q, int Chains>
static inline void high_tile(const VectorPanels& panels, const ProbeBlock& block, uint32_t p0,
                             const float* floors, uint32_t panel, Survivors* survivors) {
  const uint32_t groups = panels.groups;
  const uint8_t* high = panels.high + size_t{panel} * groups * 64;
  const int8_t* codes = block.codes + p0 * group_dims;
  const uint32_t stride = block.probes * group_dims;
  Ints sums[Chains][P][Q];
#pragma GCC unroll 4
  for (int c = 0; c < Chains; ++c) {
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
      for (int q = 0; q < Q; ++q) {
        sums[c][p][q] = all_lanes(c == 0 ? -block.terms[p0 + p].coarse_offset : 0);
      }
    }
  }
  if constexpr (P > few_probes) {
    const float* fine = panels.fine + (size_t{panel} + prefetch_panels) * panel_rows * 4;
    for (uint32_t i = 0; i < Q * panel_rows * 4; i += 16) __builtin_prefetch(fine + i, 0, 2);
  }
  for (uint32_t g = 0; g < groups; g += Chains) {
#pragma GCC unroll 4
    for (int c = 0; c < Chains; ++c) {
      Nibbles nibbles[Q];
#pragma GCC unroll 4
      for (int q = 0; q < Q; ++q) {
        const uint8_t* at = high + (static_cast<size_t>(q) * groups + g + c) * 64;
        // The streamer stops at each 4 KiB page, which is a panel of 512 dimensions.
        __builtin_prefetch(at + size_t{prefetch_panels} * groups * 64);
        if constexpr (P > few_probes) {
          __builtin_prefetch(
              panels.low + (at - panels.high) + size_t{prefetch_panels} * groups * 64, 0, 2);
        }
        nibbles[q] = split(at);
      }
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) {
        add_group(sums[c][p], nibbles, codes + p * static_cast<int>(group_dims));
      }
      codes += stride;
    }
  }
#pragma GCC unroll 4
  for (int c = 1; c < Chains; ++c) {
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
      for (int q = 0; q < Q; ++q) add(sums[0][p][q], sums[c][p][q]);
    }
  }
#pragma GCC unroll 4
  for (int q = 0; q < Q; ++q) {
    const float* meta = panels.coarse + (size_t{panel} + static_cast<uint32_t>(q)) * 48;
    const Floats step = load(meta), error = load(meta + 16), norm = load(meta + 32);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
      const Floats upper = bound(block.terms[p0 + p], sums[0][p][q], step, error, norm);
      const uint32_t at = panel + static_cast<uint32_t>(q);
      keep_panel(sums[0][p][q], upper, floors[p0 + p], at, survivors[p0 + p]);
    }
  }
}

// Few probes wait for memory, which one stream at a time reads fastest; many do not.
template <int P>
static inline void high_rows(const VectorPanels& panels, const ProbeBlock& block, uint32_t p0,
                             const float* floors, uint32_t first, uint32_t last,
                             Survivors* survivors) {
  constexpr int chains = P == 1 ? 4 : P <= few_probes ? 2 : 1;
  uint32_t panel = first;
  if constexpr (P > few_probes && tile_panels > 1) {
    for (; panel + tile_panels <= last; panel += tile_panels) {
      high_tile<P, tile_panels, 1>(panels, block, p0, floors, panel, survivors);
    }
  }
  for (; panel < last; ++panel) {
    high_tile<P, 1, chains>(panels, block, p0, floors, panel, survivors);
  }
}

template <int P>
static void high_rows_of(uint32_t n, const VectorPanels& panels, const ProbeBlock& block,
                         uint32_t p0, const float* floors, uint32_t first, uint32_t last,
                         Survivors* survivors) {
  if constexpr (P > 1) {
    if (n < P) return high_rows_of<P - 1>(n, panels, block, p0, floors, first, last, survivors);
  }
  high_rows<P>(panels, block, p0, floors, first, last, survivors);
}

static void scan_high(const VectorPanels& panels, const ProbeBlock& block, const float* floors,
                      uint32_t first, uint32_t last, Survivors* survivors) {
  // Few panels at a time, so that further probes find them in the first-level cache.
  constexpr uint32_t step = tile_probes < block_probes ? tile_panels : 0xFFFFFFFF;
  for (uint32_t from = first; from < last;) {
    const uint32_t to = last - from > step ? from + step : last;
    for (uint32_t p0 = 0; p0 < block.probes; p0 += tile_probes) {
      high_rows_of<tile_probes>(block.probes - p0, panels, block, p0, floors, from, to, survivors);
    }
    from = to;
  }
}

// Looks at both nibbles of the head of each row, and at the high ones of the rest; nine of ten rows
// need no more.
static void refine_heads(const VectorPanels& panels, const ProbeTerms& terms, const int8_t* split,
                         size_t head, float floor, Survivors& survivors) {
  const size_t bytes = size_t{panels.groups} * group_bytes;
  constexpr uint32_t ahead = 32;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < survivors.n + ahead; ++i) {
    if (i < survivors.n) {
      fetch(panels.low + survivors.rows[i] * bytes, head);
      __builtin_prefetch(panels.fine + size_t{survivors.rows[i]} * 4, 0, 2);
    }
    if (i < ahead) continue;
    const uint32_t row = survivors.rows[i - ahead];
    const uint8_t* low = panels.low + row * bytes;
    const int32_t sum =
        16 * survivors.sums[i - ahead] + low_products(low, split, split + bytes, head);
    const float* fine = panels.fine + size_t{row} * 4;
    // Of the mixed code: at most the row's own, which is at most fine[1] + fine[0], and its error.
    const float norm = fine[1] + 2 * fine[0] + fine[2];
    const float upper =
        terms.base +
        static_cast<float>(sum - terms.head_offset) * (fine[3] * 0.0625f * terms.step) +
        fine[0] * terms.head_factor + fine[2] * terms.tail_factor + norm * terms.norm_factor;
    if (!(upper >= floor)) continue;
    fetch(low + head, bytes - head);
    survivors.rows[kept] = row;
    survivors.sums[kept++] = sum;
  }
  survivors.n = kept;
}

static void refine(const VectorPanels& panels, const ProbeBlock& block, uint32_t p, float floor,
                   Survivors& survivors) {
  const ProbeTerms& terms = block.terms[p];
  const size_t bytes = size_t{panels.groups} * group_bytes;
  const int8_t* split = block.split + p * 2 * bytes;
  // Where a scan of many probes has fetched the rows, a second look costs more than it saves.
  const bool in_two = block.probes <= static_cast<uint32_t>(few_probes);
  const size_t done = in_two ? size_t{head_groups(panels.groups)} * group_bytes : 0;
  if (done != 0) refine_heads(panels, terms, split, done, floor, survivors);
  const int32_t scale = done != 0 ? 1 : 16;
  constexpr uint32_t ahead = 32;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < survivors.n; ++i) {
    if (done == 0 && i + ahead < survivors.n) {
      const uint32_t next = survivors.rows[i + ahead];
      fetch(panels.low + next * bytes, bytes);
      __builtin_prefetch(panels.fine + size_t{next} * 4, 0, 2);
    }
    const uint32_t row = survivors.rows[i];
    const int32_t sum =
        scale * survivors.sums[i] + low_products(panels.low + row * bytes + done, split + done,
                                                 split + bytes + done, bytes - done);
    const float* fine = panels.fine + size_t{row} * 4;
    const float upper =
        terms.base +
        static_cast<float>(sum - terms.fine_offset) * (fine[3] * 0.0625f * terms.step) +
        fine[0] * terms.error_factor + fine[1] * terms.norm_factor;
    if (!(upper >= floor)) continue;
    survivors.rows[kept] = row;
    survivors.upper[kept++] = upper;
  }
  survivors.n = kept;
}
