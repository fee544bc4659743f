// The DNA column scan, written once over the handful of operations that differ per instruction
// set. Included inside an anonymous namespace of each implementation.

static uint32_t emit(const Costs& sum, uint64_t lanes, uint32_t first, uint32_t count,
                     uint32_t* rows, uint8_t* costs) {
  alignas(64) uint8_t lane_costs[64];
  store(lane_costs, sum);
  for (; lanes != 0; lanes &= lanes - 1) {
    const auto lane = static_cast<uint32_t>(__builtin_ctzll(lanes));
    rows[count] = first + lane;
    costs[count] = lane_costs[lane];
    ++count;
  }
  return count;
}

// A step of 64 or 256 references ends at the first column after which no lane can still qualify.
// With the far genotypes costing two at once, that is the third or fourth column on NIST
// frequencies. Where a step ends cannot be predicted, so the wide step pays for one
// misprediction in 256 lanes.
static uint32_t scan(const ScanColumn* columns, uint32_t n_columns, uint32_t begin, uint32_t end,
                     uint8_t initial, uint8_t budget, uint32_t* rows, uint8_t* costs) {
  uint32_t count = 0;
  uint32_t first = begin;
  for (; end - first >= 256; first += 256) {
    Costs s0 = splat(initial), s1 = s0, s2 = s0, s3 = s0;
    uint64_t l0 = ~uint64_t{0}, l1 = l0, l2 = l0, l3 = l0;
    for (uint32_t c = 0; c < n_columns; ++c) {
      const uint8_t* classes = columns[c].classes + first;
      const AcceptTable& table = *columns[c].table;
      add_costs(s0, classes, table);
      add_costs(s1, classes + 64, table);
      add_costs(s2, classes + 128, table);
      add_costs(s3, classes + 192, table);
      l0 = within(s0, budget);
      l1 = within(s1, budget);
      l2 = within(s2, budget);
      l3 = within(s3, budget);
      if ((l0 | l1 | l2 | l3) == 0) break;
    }
    if ((l0 | l1 | l2 | l3) == 0) continue;
    count = emit(s0, l0, first, count, rows, costs);
    count = emit(s1, l1, first + 64, count, rows, costs);
    count = emit(s2, l2, first + 128, count, rows, costs);
    count = emit(s3, l3, first + 192, count, rows, costs);
  }
  for (; first < end; first += 64) {
    const uint32_t left = end - first;
    uint64_t lanes = left >= 64 ? ~uint64_t{0} : (uint64_t{1} << left) - 1;
    Costs sum = splat(initial);
    for (uint32_t c = 0; c < n_columns && lanes != 0; ++c) {
      add_costs(sum, columns[c].classes + first, *columns[c].table);
      lanes &= within(sum, budget);
    }
    if (lanes != 0) count = emit(sum, lanes, first, count, rows, costs);
    if (left <= 64) break;
  }
  return count;
}
