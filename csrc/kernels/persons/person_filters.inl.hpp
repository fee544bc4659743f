// Dice of filters, written once over the operations that differ per instruction set. Included
// inside an anonymous namespace of each implementation.

template <uint32_t n>
static void scan_panels(const FilterPanels& panels, const FilterProbe* probes, uint32_t first,
                        uint32_t last, FilterSurvivors* survivors) {
  for (uint32_t panel = first; panel < last; ++panel) {
    const uint64_t* head = panels.heads + size_t{panel} * half_words * panel_filters;
    const uint16_t* counts = panels.counts + size_t{panel} * 2 * panel_filters;
    BitCounts shared[n];
    for (uint32_t p = 0; p < n; ++p) shared[p] = no_bits();
    for (uint32_t w = 0; w < half_words; ++w) {
      const Words line = load_words(head + w * panel_filters);
      for (uint32_t p = 0; p < n; ++p) count_shared(shared[p], line, probes[p].head[w]);
    }
    for (uint32_t p = 0; p < n; ++p) {
      uint32_t left = hopeful_lanes(probes[p], shared[p], counts);
      if (left == 0) continue;
      alignas(64) uint64_t each[panel_filters];
      store_counts(shared[p], each);
      for (FilterSurvivors& s = survivors[p]; left != 0; left &= left - 1) {
        const auto i = static_cast<uint32_t>(__builtin_ctz(left));
        s.filters[s.n] = panel * panel_filters + i;
        s.shared[s.n++] = static_cast<uint16_t>(each[i]);
      }
    }
  }
}

static void scan_filters(const FilterPanels& panels, const FilterProbe* probes, uint32_t n_probes,
                         uint32_t first, uint32_t last, FilterSurvivors* survivors) {
  switch (n_probes) {
    case 1:
      return scan_panels<1>(panels, probes, first, last, survivors);
    case 2:
      return scan_panels<2>(panels, probes, first, last, survivors);
    case 3:
      return scan_panels<3>(panels, probes, first, last, survivors);
    default:
      return scan_panels<probes_together>(panels, probes, first, last, survivors);
  }
}

static void shared_bits(const uint64_t* filter, const uint64_t* filters, uint32_t n,
                        uint16_t* out) {
  for (uint32_t i = 0; i < n; ++i, filters += half_words) out[i] = shared_of(filter, filters);
}
