// Sums of coarse weights, for one probe or 16 side by side. Included inside an anonymous namespace
// of each implementation; vectors are those of the compiler.

using ByteLanes = uint8_t __attribute__((vector_size(lanes_together)));

static inline uint8_t larger(uint8_t a, uint8_t b) { return a > b ? a : b; }
static inline ByteLanes larger(ByteLanes a, ByteLanes b) { return a > b ? a : b; }
static inline uint8_t smaller(uint8_t a, uint8_t b) { return a < b ? a : b; }
static inline ByteLanes smaller(ByteLanes a, ByteLanes b) { return a < b ? a : b; }

template <class V>
static inline V load_lanes(const uint8_t* at) {
  V out;
  __builtin_memcpy(&out, at, sizeof out);
  return out;
}

static inline uint16_t reaching(uint8_t sum, uint8_t floor) { return sum >= floor; }
static inline uint16_t reaching(ByteLanes sum, ByteLanes floor) {
  const auto reaches = sum >= floor;
  uint64_t halves[2];
  __builtin_memcpy(halves, &reaches, sizeof halves);
  if ((halves[0] | halves[1]) == 0) return 0;
  // Bytes of all ones: their lowest bits, gathered by a product.
  constexpr uint64_t lowest = 0x0101010101010101u, gather = 0x0102040810204080u;
  const uint64_t low = (halves[0] & lowest) * gather >> 56;
  const uint64_t high = (halves[1] & lowest) * gather >> 56;
  return static_cast<uint16_t>(low | high << 8);
}

template <class V>
static uint32_t scan_people(const People& people, const WeightTables& tables, uint32_t begin,
                            uint32_t end, uint32_t* rows, uint16_t* lanes) {
  constexpr uint32_t line = 4 * sizeof(V), ahead = 16;
  const V floor = load_lanes<V>(tables.floor), names_floor = load_lanes<V>(tables.names_floor);
  const V alias = load_lanes<V>(tables.alias);
  uint32_t found = 0;
  bool damaged = false;
  const auto known = [&](uint32_t value, uint32_t n) {
    damaged |= value >= n;
    return value < n ? value : n;
  };
  for (uint32_t row = begin; row < end; ++row) {
    const uint32_t first = people.offsets[row], last = people.offsets[row + 1];
    if (first > last || last > people.n_names) return damaged_people;
    V best = {};
    for (uint32_t name = first; name < last; ++name) {
      const uint32_t* at = people.names + 2 * size_t{name};
      if (name + ahead < people.n_names) {
        __builtin_prefetch(tables.names + size_t{known(at[2 * ahead], tables.n_names)} * line);
        __builtin_prefetch(tables.names + size_t{known(at[2 * ahead + 1], tables.n_names)} * line);
      }
      const uint8_t* family = tables.names + size_t{known(at[0], tables.n_names)} * line;
      const uint8_t* given = tables.names + size_t{known(at[1], tables.n_names)} * line;
      const V straight = load_lanes<V>(family) + load_lanes<V>(given + sizeof(V));
      const V exchanged =
          smaller(load_lanes<V>(family + 2 * sizeof(V)), load_lanes<V>(given + 3 * sizeof(V)));
      V weight = larger(straight, exchanged);
      if (name != first) weight -= smaller(weight, alias);
      best = larger(best, weight);
    }
    if (reaching(best, names_floor) == 0) continue;
    for (uint32_t f = 0; f < person_facts; ++f) {
      const uint32_t value = people.facts[size_t{row} * person_facts + f];
      best += load_lanes<V>(tables.facts[f] + size_t{known(value, tables.n_facts[f])} * sizeof(V));
    }
    const uint16_t which = reaching(best, floor);
    if (which == 0) continue;
    rows[found] = row;
    lanes[found++] = which;
  }
  return damaged ? damaged_people : found;
}
