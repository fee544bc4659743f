// Genotype sharing of one profile with all others, written once over the operations that differ
// per instruction set. Included inside an anonymous namespace of each implementation.

static void shared(const PairColumn* loci, uint32_t n_loci, uint32_t row, uint32_t begin,
                   uint32_t end, uint8_t* full, uint8_t* partial) {
  for (uint32_t first = begin; first < end; first += 64) {
    Costs n_full = splat(0);
    Costs n_partial = splat(0);
    for (uint32_t locus = 0; locus < n_loci; ++locus) {
      const uint8_t low = loci[locus].low[row];
      if (low == 0) continue;  // not typed: not comparable; code 0 never equals another code
      count_shared(n_full, n_partial, loci[locus].low + first, loci[locus].high + first, low,
                   loci[locus].high[row]);
    }
    store(full + (first - begin), n_full);
    store(partial + (first - begin), n_partial);
  }
}
