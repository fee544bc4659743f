#include "dna/seal.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <utility>

#include "dna/view.hpp"
#include "engine/error.hpp"
#include "engine/watch.hpp"

namespace prum::dna {
namespace {

// A run longer than this is split by its next column. Shorter runs cost more lanes in the run
// table than they save in the columns (measured at 1M and 10M profiles).
constexpr uint32_t longest_run = 2048;

bool same(const Locus& a, const Locus& b) {
  return a.low == b.low && a.high == b.high &&
         std::equal(a.designations, a.designations + 3, b.designations);
}

// Codes where two bytes suffice, else an escape.
void store(const Locus& locus, uint64_t key, uint8_t period, uint8_t* codes, Escapes& escapes) {
  uint8_t low, high;
  if (locus.in_exchange_view()) {
    low = allele_code(locus.low, period);
    high = allele_code(locus.high, period);
  } else {
    low = allele_code(locus.designations[0], period);
    high = code_alone;
  }
  if (low != code_escape && high != code_escape && same(View::decode(low, high, period), locus)) {
    codes[0] = low;
    codes[1] = high;
    return;
  }
  codes[0] = codes[1] = code_escape;
  escapes.keys.push_back(key);
  escapes.values.insert(escapes.values.end(), {locus.low, locus.high, locus.designations[0],
                                               locus.designations[1], locus.designations[2]});
}

// Escapes are looked up by their key. A packed profile lists its loci by the registry, not in the
// order of the columns.
void sort_by_key(Escapes& escapes) {
  const size_t n = escapes.keys.size();
  std::vector<size_t> order(n);
  for (size_t i = 0; i < n; ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return escapes.keys[a] < escapes.keys[b]; });
  Escapes sorted;
  for (const size_t i : order) {
    sorted.keys.push_back(escapes.keys[i]);
    sorted.values.insert(sorted.values.end(), escapes.values.begin() + 5 * i,
                         escapes.values.begin() + 5 * i + 5);
  }
  escapes = std::move(sorted);
}

// Class of a pair of codes, by a table per repeat period that is made once; the two codes are
// read as one number. Where the codes are not enough, the escape decides.
constexpr uint8_t class_escaped = 254;
using ClassTable = std::array<uint8_t, 65536>;

const ClassTable& class_table(uint8_t period) {
  static std::atomic<const ClassTable*> tables[256] = {};
  const ClassTable* known = tables[period].load(std::memory_order_acquire);
  if (known != nullptr) return *known;
  auto made = std::make_unique<ClassTable>();
  for (unsigned both = 0; both < 65536; ++both) {
    uint8_t codes[2];
    const auto pair = static_cast<uint16_t>(both);
    std::memcpy(codes, &pair, 2);
    uint8_t& value = (*made)[both];
    if (codes[0] == code_escape) {
      value = class_escaped;
    } else if (codes[0] < code_first || codes[1] == code_alone || codes[1] == code_absent) {
      value = class_absent;
    } else {
      value = class_of(allele_length(codes[0], period), allele_length(codes[1], period),
                       modulus(period));
    }
  }
  if (tables[period].compare_exchange_strong(known, made.get(), std::memory_order_acq_rel)) {
    return *made.release();
  }
  return *known;
}

class Classifier {
 public:
  Classifier(const Slots& slots, const Escapes& escapes) : slots_(slots), escapes_(escapes) {
    for (const uint8_t period : slots.period) tables_.push_back(class_table(period).data());
  }

  uint8_t operator()(const uint8_t* codes, uint64_t row, uint32_t slot) const {
    uint16_t both;
    std::memcpy(&both, codes, 2);
    const uint8_t value = tables_[slot][both];
    return value == class_escaped ? escaped(row * slots_.size() + slot, slot) : value;
  }

 private:
  uint8_t escaped(uint64_t key, uint32_t slot) const {
    const uint16_t* value = escapes_.find(key);
    if (value == nullptr) return class_absent;
    return class_of(value[0], value[1], modulus(slots_.period[slot]));
  }

  const Slots& slots_;
  const Escapes& escapes_;
  std::vector<const uint8_t*> tables_;
};

// Allele codes of a row of tenths, in plain arithmetic that the compiler turns into vectors.
// Returns whether the row holds a value that needs a rule: a wildcard, a token, an allele alone,
// out of range, or beyond the codes.
class RowEncoder {
 public:
  RowEncoder(const Slots& slots, const std::vector<uint32_t>& source)
      : n_(slots.size()), source_(source), tenths_(2 * n_), codes_(2 * n_), pairs_(n_) {
    for (int allele = 0; allele < 2; ++allele) {
      for (const uint8_t p : slots.period) {
        period_.push_back(p);
        offset_.push_back(static_cast<int16_t>(code_first - 2 * p));
      }
    }
  }

  int16_t first(uint32_t slot) const { return tenths_[slot]; }
  int16_t second(uint32_t slot) const { return tenths_[n_ + slot]; }
  bool needs_rule(uint32_t slot) const { return needs_rule(codes_[slot], codes_[n_ + slot]); }

  bool encode(const int16_t* alleles, uint8_t* out) {
    for (uint32_t slot = 0; slot < n_; ++slot) {
      tenths_[slot] = alleles[2 * source_[slot]];
      tenths_[n_ + slot] = alleles[2 * source_[slot] + 1];
    }
    to_codes();
    // By way of a buffer of words: bytes may alias anything, and the loop would stay scalar, four
    // times slower in all.
    const bool special = to_pairs();
    std::memcpy(out, pairs_.data(), 2 * size_t{n_});
    return special;
  }

 private:
  static bool needs_rule(int16_t x, int16_t y) { return (std::min(x, y) <= 0) & ((x | y) != 0); }

  void to_codes() {
    const int16_t* t = tenths_.data();
    const int16_t* period = period_.data();
    const int16_t* offset = offset_.data();
    int16_t* code = codes_.data();
    for (uint32_t i = 0; i < 2 * n_; ++i) {
      const auto value = static_cast<uint16_t>(t[i]);
      const auto repeats = static_cast<int16_t>(uint32_t{value} * 6554 >> 16);
      const auto fraction = static_cast<int16_t>(value - 10 * repeats);
      const auto plain = static_cast<int16_t>(repeats * period[i] + fraction + offset[i]);
      const bool special = (t[i] <= 10) | (t[i] >= 990) | (fraction >= period[i]) |
                           (plain < code_first) | (plain >= code_escape);
      code[i] = t[i] == 0 ? int16_t{0} : special ? int16_t{-1} : plain;
    }
  }

  bool to_pairs() {
    const int16_t* x = codes_.data();
    const int16_t* y = x + n_;
    uint16_t* to = pairs_.data();
    int16_t any = 0;
    for (uint32_t slot = 0; slot < n_; ++slot) {
      const int16_t low = std::min(x[slot], y[slot]), high = std::max(x[slot], y[slot]);
      to[slot] = static_cast<uint16_t>(low | high << 8);
      any = static_cast<int16_t>(any | needs_rule(x[slot], y[slot]));
    }
    return any != 0;
  }

  uint32_t n_;
  const std::vector<uint32_t>& source_;
  std::vector<int16_t> period_, offset_, tenths_, codes_;
  std::vector<uint16_t> pairs_;
};

// One allele in tenths: its length, `wildcard`, or 0 for none.
uint16_t length_of(int16_t tenths, uint8_t period, size_t index, TableNotes& notes) {
  if (tenths == 0) return 0;
  if (tenths == -1) return wildcard;
  const int repeats = tenths / 10, fraction = tenths % 10;
  if (tenths < 0 || tenths > 999 || fraction >= period) {
    throw Error(ErrorKind::invalid_input, "bad_allele",
                "allele is out of range or its fraction reaches the repeat period",
                static_cast<int64_t>(index));
  }
  if (tenths == 10 || tenths == 990) {
    ++notes.wildcard_tokens;
    return wildcard;
  }
  return static_cast<uint16_t>(repeats * period + fraction);
}

// Both views of a locus with these alleles (rules N6 to N8).
Locus locus_of(uint16_t a, uint16_t b, SingleAllele single, TableNotes& notes) {
  if (a == 0 || b == 0) {
    ++notes.single_alleles;
    const uint16_t only = a != 0 ? a : b;
    if (only == wildcard) return {};
    if (single == SingleAllele::drop) return {0, 0, {only, 0, 0}};
    return {only, single == SingleAllele::homozygote ? only : wildcard, {only, 0, 0}};
  }
  if (a > b) std::swap(a, b);
  if (a == wildcard) {
    ++notes.double_wildcards;
    return {};
  }
  return {a, b, {a, b == wildcard || b == a ? uint16_t{0} : b, 0}};
}

}  // namespace

const uint16_t* Escapes::find(uint64_t key) const {
  const auto found = std::lower_bound(keys.begin(), keys.end(), key);
  return found == keys.end() || *found != key ? nullptr : &values[5 * (found - keys.begin())];
}

void encode_packed(const uint8_t* packed, const uint64_t* offsets, uint32_t n, const Slots& slots,
                   uint8_t* genotypes, uint8_t* meta, Escapes& escapes) {
  std::vector<uint32_t> slot_of;
  for (uint32_t slot = 0; slot < slots.size(); ++slot) {
    if (slot_of.size() <= slots.index[slot]) slot_of.resize(slots.index[slot] + size_t{1});
    slot_of[slots.index[slot]] = slot;
  }
  Pulse<256> pulse;
  for (uint32_t row = 0; row < n; ++row) {
    pulse();
    const uint8_t* at = packed + offsets[row];
    PackedHeader header;
    std::memcpy(&header, at, sizeof header);
    meta[row] = meta_of(header);
    at += sizeof header;
    for (uint32_t i = 0; i < header.n_records; ++i, at += sizeof(PackedRecord)) {
      PackedRecord r;
      std::memcpy(&r, at, sizeof r);
      const uint32_t slot = slot_of[r.locus];
      const uint64_t key = uint64_t{row} * slots.size() + slot;
      const Locus locus{r.low, r.high, {r.designations[0], r.designations[1], r.designations[2]}};
      store(locus, key, slots.period[slot], genotypes + key * 2, escapes);
    }
  }
  sort_by_key(escapes);
}

TableNotes encode_tenths(const int16_t* tenths, uint32_t n, const Slots& slots,
                         const std::vector<uint32_t>& source, SingleAllele single,
                         uint8_t* genotypes, Escapes& escapes) {
  TableNotes notes;
  RowEncoder encoder(slots, source);
  const size_t width = size_t{slots.size()} * 2;
  Pulse<256> pulse;
  for (uint32_t row = 0; row < n; ++row) {
    pulse();
    uint8_t* codes = genotypes + row * width;
    if (!encoder.encode(tenths + row * width, codes)) continue;
    for (uint32_t slot = 0; slot < slots.size(); ++slot, codes += 2) {
      if (!encoder.needs_rule(slot)) continue;
      const uint8_t period = slots.period[slot];
      const Locus locus =
          locus_of(length_of(encoder.first(slot), period, row, notes),
                   length_of(encoder.second(slot), period, row, notes), single, notes);
      codes[0] = codes[1] = code_absent;
      if (locus.in_exchange_view() || locus.in_original_view()) {
        store(locus, uint64_t{row} * slots.size() + slot, period, codes, escapes);
      }
    }
  }
  return notes;
}

std::vector<uint32_t> sorted_order(const uint8_t* genotypes, uint32_t n, const Slots& slots,
                                   const Escapes& escapes) {
  const Classifier classify(slots, escapes);
  const uint32_t depth = std::min(slots.size(), sort_depth);
  // One word an entry: up to four classes above, the row below.
  static_assert(sort_depth <= 4);
  std::vector<uint64_t> entries(n), other(n);
  Pulse<1024> pulse;
  for (uint32_t row = 0; row < n; ++row) {
    pulse();
    uint64_t key = 0;
    for (uint32_t slot = 0; slot < depth; ++slot) {
      const uint8_t* codes = genotypes + (size_t{row} * slots.size() + slot) * 2;
      key = key << 8 | classify(codes, row, slot);
    }
    entries[row] = key << 32 | row;
  }
  // Least significant byte first; a pass per column, stable.
  for (uint32_t pass = 0; pass < depth; ++pass) {
    const uint32_t shift = 32 + 8 * pass;
    check_watch();
    size_t start[257] = {0};
    for (const uint64_t e : entries) ++start[(e >> shift & 255) + 1];
    for (unsigned i = 0; i < 256; ++i) start[i + 1] += start[i];
    for (const uint64_t e : entries) other[start[e >> shift & 255]++] = e;
    entries.swap(other);
  }
  std::vector<uint32_t> order(n);
  for (uint32_t i = 0; i < n; ++i) order[i] = static_cast<uint32_t>(entries[i]);
  return order;
}

Escapes write_sorted(const uint8_t* genotypes, uint32_t n, const Slots& slots,
                     const Escapes& escapes, const std::vector<uint32_t>& order,
                     uint8_t* sorted_genotypes, uint8_t* classes, size_t stride) {
  const Classifier classify(slots, escapes);
  const size_t width = size_t{slots.size()} * 2;
  Escapes moved;
  // 64 rows at a time: one cache line of every class column.
  Pulse<16> pulse;
  for (uint32_t first = 0; first < n; first += 64) {
    pulse();
    const uint32_t last = std::min(n, first + 64);
    for (uint32_t i = last; i < std::min(n, last + 64); ++i) {
      __builtin_prefetch(genotypes + order[i] * width);
      __builtin_prefetch(genotypes + order[i] * width + width - 1);
    }
    for (uint32_t i = first; i < last; ++i) {
      std::memcpy(sorted_genotypes + i * width, genotypes + order[i] * width, width);
    }
    for (uint32_t slot = 0; slot < slots.size(); ++slot) {
      const uint8_t* codes = sorted_genotypes + first * width + 2 * slot;
      uint8_t* column = classes + slot * stride;
      for (uint32_t i = first; i < last; ++i, codes += width) {
        column[i] = classify(codes, order[i], slot);
      }
    }
  }
  if (escapes.keys.empty()) return moved;
  for (size_t cell = 0; cell < size_t{n} * slots.size(); ++cell) {
    if (sorted_genotypes[2 * cell] != code_escape) continue;
    const uint64_t row = order[cell / slots.size()];
    const uint16_t* value = escapes.find(row * slots.size() + cell % slots.size());
    if (value == nullptr) continue;
    moved.keys.push_back(cell);
    moved.values.insert(moved.values.end(), value, value + 5);
  }
  return moved;
}

Runs find_runs(const uint8_t* classes, size_t stride, uint32_t n, uint32_t slots) {
  const uint32_t depth_limit = std::min(slots, sort_depth);
  Runs runs;
  runs.classes.resize(depth_limit);
  struct Range {
    uint32_t begin, end, depth;
  };
  std::vector<Range> open;
  Pulse<256> pulse;
  if (n > 0) open.push_back({0, n, 0});
  while (!open.empty()) {
    pulse();
    const Range range = open.back();
    open.pop_back();
    if (range.end - range.begin <= longest_run || range.depth == depth_limit) {
      runs.start.push_back(range.begin);
      runs.depth.push_back(static_cast<uint8_t>(range.depth));
      for (uint32_t slot = 0; slot < depth_limit; ++slot) {
        runs.classes[slot].push_back(slot < range.depth ? classes[slot * stride + range.begin]
                                                        : class_absent);
      }
      continue;
    }
    // Pushed last to first, so that runs come out in row order.
    const uint8_t* column = classes + range.depth * stride;
    for (uint32_t end = range.end; end > range.begin;) {
      uint32_t begin = end - 1;
      while (begin > range.begin && column[begin - 1] == column[end - 1]) --begin;
      open.push_back({begin, end, range.depth + 1});
      end = begin;
    }
  }
  runs.start.push_back(n);
  return runs;
}

}  // namespace prum::dna
