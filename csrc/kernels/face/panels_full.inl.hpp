// The scan by both nibbles, for instruction sets with a product of bytes that keeps all bits.
// Included inside an anonymous namespace of such an implementation.

template <int P>
static inline void full_tile(const VectorPanels& panels, const ProbeBlock& block,
                             const uint8_t* tile, const float* floors, uint32_t panel,
                             Survivors* survivors) {
  const int8_t* codes = block.codes;
  Ints sums[P][2];
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) sums[p][0] = sums[p][1] = all_lanes(-block.terms[p].full_offset);
  for (uint32_t half = 0; half < 2 * panels.groups; half += 2) {
#pragma GCC unroll 2
    for (int h = 0; h < 2; ++h) {
      const Bytes first = load_bytes(tile + (half + static_cast<uint32_t>(h)) * 128);
      const Bytes second = load_bytes(tile + (half + static_cast<uint32_t>(h)) * 128 + 64);
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) {
        const Bytes probe = splat_group(codes + p * 8 + h * 4);
        add_products(sums[p][0], first, probe);
        add_products(sums[p][1], second, probe);
      }
    }
    codes += P * 8;
  }
#pragma GCC unroll 2
  for (uint32_t q = 0; q < 2; ++q) {
    const float* fine = panels.fine + (size_t{panel} + q) * 64;
    const Floats step = scaled(load(panels.coarse + (size_t{panel} + q) * 48), 0.0625f);
    Floats error, norm;
    load_firsts(fine, error, norm);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
      const Floats upper = bound(block.terms[p], sums[p][q], step, error, norm);
      keep_panel(sums[p][q], upper, floors[p], panel + q, survivors[p]);
    }
  }
}

template <int P>
static void full_tile_of(const VectorPanels& panels, const ProbeBlock& block, const uint8_t* tile,
                         const float* floors, uint32_t panel, Survivors* survivors) {
  if constexpr (P > 1) {
    if (block.probes < P) {
      return full_tile_of<P - 1>(panels, block, tile, floors, panel, survivors);
    }
  }
  full_tile<P>(panels, block, tile, floors, panel, survivors);
}

// Fetches a part of the next two panels while the products of these are summed.
static inline void fetch_part(const VectorPanels& panels, uint32_t panel, uint32_t part,
                              uint32_t parts) {
  const size_t bytes = size_t{panels.groups} * 64 * 2;
  const size_t from = bytes / 64 * part / parts * 64, to = bytes / 64 * (part + 1) / parts * 64;
  const size_t at = size_t{panel} * panels.groups * 64;
  for (size_t i = from; i < to; i += 64) {
    __builtin_prefetch(panels.high + at + i, 0, 2);
    __builtin_prefetch(panels.low + at + i, 0, 2);
  }
}

static void scan_full(const VectorPanels& panels, const ProbeBlock* blocks, uint32_t n_blocks,
                      const float* floors, uint32_t first, uint32_t last, uint8_t* scratch,
                      Survivors* survivors) {
  for (uint32_t panel = first; panel < last; panel += 2) {
    unpack(panels, panel, scratch);
    unpack(panels, panel + 1, scratch + 64);
    for (uint32_t b = 0; b < n_blocks; ++b) {
      fetch_part(panels, panel + 2, b, n_blocks);
      full_tile_of<block_probes>(panels, blocks[b], scratch, floors + b * block_probes, panel,
                                 survivors + b * block_probes);
    }
  }
}
