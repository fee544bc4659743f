#include "vehicle/build.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

#include "engine/watch.hpp"

namespace prum::vehicle {
namespace {

using Wide = unsigned __int128;

constexpr uint32_t symbol_bits = 6;
constexpr uint32_t digit_bits = 11;

uint32_t length_of(const uint8_t* symbols, uint32_t width) {
  const void* end = std::memchr(symbols, no_symbol, width);
  return end == nullptr ? width : static_cast<uint32_t>(static_cast<const uint8_t*>(end) - symbols);
}

// Sorts numbers of `bits` bits, with their companions, by digits from the last to the first.
template <class Number>
void sort_numbers(std::vector<std::pair<Number, uint32_t>>& items, uint32_t bits) {
  std::vector<std::pair<Number, uint32_t>> other(items.size());
  for (uint32_t shift = 0; shift < bits; shift += digit_bits) {
    constexpr uint32_t digits = 1u << digit_bits;
    const auto digit_of = [shift](const Number& number) {
      return static_cast<uint32_t>(number >> shift) & (digits - 1);
    };
    std::array<uint32_t, digits + 1> begin{};
    for (const auto& item : items) ++begin[digit_of(item.first) + 1];
    if (*std::max_element(begin.begin(), begin.end()) == items.size()) continue;
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    check_watch();
    for (const auto& item : items) other[begin[digit_of(item.first)]++] = item;
    items.swap(other);
  }
}

template <class Number>
void sort_as_numbers(const Keys& keys, uint32_t symbols, uint32_t* first, uint32_t* last) {
  std::vector<std::pair<Number, uint32_t>> items;
  items.reserve(static_cast<size_t>(last - first));
  for (const uint32_t* key = first; key != last; ++key) {
    const uint8_t* at = keys.at(*key);
    Number number = 0;
    for (uint32_t i = 0; i < symbols; ++i) number = number << symbol_bits | at[i];
    items.emplace_back(number, *key);
  }
  sort_numbers(items, symbols * symbol_bits);
  for (const auto& item : items) *first++ = item.second;
}

// Keys of one length.
void sort_part(const Keys& keys, uint32_t symbols, uint32_t* first, uint32_t* last) {
  if (symbols == 0 || last - first < 2) return;
  if (symbols * symbol_bits <= 64) {
    sort_as_numbers<uint64_t>(keys, symbols, first, last);
  } else if (symbols * symbol_bits <= 128) {
    sort_as_numbers<Wide>(keys, symbols, first, last);
  } else {
    Pulse<1024> pulse;
    std::stable_sort(first, last, [&](uint32_t a, uint32_t b) {
      pulse();
      return std::memcmp(keys.at(a), keys.at(b), symbols) < 0;
    });
  }
}

}  // namespace

Sorted sort_keys(const Keys& keys) {
  Sorted sorted{std::vector<uint32_t>(keys.n), std::vector<uint32_t>(keys.width + 2, 0)};
  std::vector<uint8_t> length(keys.n);
  for (uint32_t key = 0; key < keys.n; ++key) {
    length[key] = static_cast<uint8_t>(length_of(keys.at(key), keys.width));
    ++sorted.lengths[length[key] + 1];
  }
  std::partial_sum(sorted.lengths.begin(), sorted.lengths.end(), sorted.lengths.begin());
  std::vector<uint32_t> next(sorted.lengths);
  for (uint32_t key = 0; key < keys.n; ++key) sorted.order[next[length[key]]++] = key;
  for (uint32_t symbols = 0; symbols <= keys.width; ++symbols) {
    uint32_t* order = sorted.order.data();
    sort_part(keys, symbols, order + sorted.lengths[symbols], order + sorted.lengths[symbols + 1]);
  }
  return sorted;
}

size_t block_bytes(const std::vector<uint32_t>& lengths) {
  size_t bytes = 0;
  for (size_t n = 0; n + 1 < lengths.size(); ++n) {
    bytes += (size_t{lengths[n + 1] - lengths[n]} + block_keys - 1) / block_keys * n * block_keys;
  }
  return bytes;
}

void write_blocks(const Keys& keys, const Sorted& sorted, uint8_t* codes) {
  constexpr uint32_t ahead = 32;
  Pulse<16> pulse;
  for (uint32_t symbols = 0; symbols <= keys.width; ++symbols) {
    const uint32_t first = sorted.lengths[symbols], last = sorted.lengths[symbols + 1];
    for (uint32_t at = first; at < last; at += block_keys, codes += symbols * block_keys) {
      pulse();
      const uint32_t n = std::min(block_keys, last - at);
      for (uint32_t k = 0; k < n; ++k) {
        if (at + k + ahead < last) __builtin_prefetch(keys.at(sorted.order[at + k + ahead]));
        const uint8_t* from = keys.at(sorted.order[at + k]);
        for (uint32_t i = 0; i < symbols; ++i) codes[i * block_keys + k] = from[i];
      }
      for (uint32_t i = 0; i < symbols; ++i) {
        std::fill_n(codes + i * block_keys + n, block_keys - n, no_symbol);
      }
    }
  }
}

Nodes make_nodes(const std::vector<uint32_t>& lengths, const uint8_t* codes, size_t most) {
  Nodes nodes;
  const auto add = [&](uint8_t symbol, uint32_t start) {
    nodes.symbols.push_back(symbol);
    nodes.stored.push_back({start, 0});
  };
  const auto longest = static_cast<uint32_t>(lengths.size() - 2);
  std::vector<Part> parts;
  for (uint32_t n = 0; n <= longest; ++n) {
    parts.push_back({codes, lengths[n], lengths[n + 1] - lengths[n], n});
    codes += (size_t{parts.back().keys} + block_keys - 1) / block_keys * n * block_keys;
    add(no_symbol, lengths[n]);
  }
  struct Pending {
    uint32_t node, end, symbols, depth;
  };
  std::vector<Pending> pending;
  for (uint32_t n = 0; n <= longest; ++n) pending.push_back({n, lengths[n + 1], n, 0});
  // Breadth first: children of a node lie side by side, behind it.
  for (size_t p = 0; p < pending.size(); ++p) {
    check_watch();
    const auto [node, end, symbols, depth] = pending[p];
    const Part& part = parts[symbols];
    const uint32_t begin = nodes.stored[node].start;
    if (end - begin <= leaf_keys || depth == symbols) continue;
    if (nodes.symbols.size() + most_children > most) break;
    const auto first_child = static_cast<uint32_t>(nodes.symbols.size());
    int last = -1;
    for (uint32_t key = begin; key < end; ++key) {
      const uint8_t symbol = part.symbol(key, depth);
      if (symbol == last) continue;
      last = symbol;
      add(symbol, key);
    }
    const auto n = static_cast<uint32_t>(nodes.symbols.size()) - first_child;
    nodes.stored[node].below = first_child * most_children + n;
    for (uint32_t i = 0; i < n; ++i) {
      const uint32_t child = first_child + i;
      const uint32_t child_end = i + 1 < n ? nodes.stored[child + 1].start : end;
      pending.push_back({child, child_end, symbols, depth + 1});
    }
  }
  nodes.symbols.resize(nodes.symbols.size() + node_padding, no_symbol);
  return nodes;
}

std::vector<uint32_t> keys_of(const KeyIndex& index, const Segment& segment,
                              const std::vector<uint32_t>& rows) {
  if (index.in_row_order()) return rows;
  // One pass over all keys: erasures are rare, so no column leads from rows to keys.
  std::vector<bool> wanted(segment.rows(), false);
  for (const uint32_t row : rows) wanted[row] = true;
  std::vector<uint32_t> keys;
  for (uint32_t key = 0; key < index.keys(); ++key) {
    const uint32_t row = index.row(key);
    if (row >= segment.rows()) throw_damaged();
    if (wanted[row]) keys.push_back(key);
  }
  return keys;
}

std::vector<uint64_t> places_of(const KeyIndex& index, const std::vector<uint32_t>& keys) {
  std::vector<uint64_t> places;
  if (index.codes() == nullptr) return places;
  for (const uint32_t key : keys) {
    const Part part = index.part_of(key);
    const uint32_t k = key - part.first;
    const auto block = static_cast<uint64_t>(part.block(k / block_keys) - index.codes());
    for (uint32_t i = 0; i < part.symbols; ++i) {
      places.push_back(block + uint64_t{i} * block_keys + k % block_keys);
    }
  }
  return places;
}

std::vector<uint32_t> dead_nodes(const KeyIndex& index, const Segment& segment,
                                 const std::vector<uint32_t>& keys) {
  const auto is_dead = [&](KeyRange range) {
    for (uint32_t key = range.begin; key < range.end; ++key) {
      const uint32_t row = index.row(key);
      if (row >= segment.rows()) throw_damaged();
      if (segment.live(row)) return false;
    }
    return true;
  };
  std::vector<uint32_t> dead;
  for (const uint32_t key : keys) {
    const uint32_t symbols = index.part_of(key).symbols;
    std::vector<KeyIndex::Node> path{index.root(symbols)};
    while (const uint32_t n = index.children(path.back())) {
      if (path.size() > symbols) throw_damaged();
      uint32_t i = 0;
      while (i + 1 < n && index.child(path.back(), i + 1).keys.begin <= key) ++i;
      path.push_back(index.child(path.back(), i));
    }
    // The root has no symbol of its own. A node with a live key has only ancestors with one.
    while (path.size() > 1 && is_dead(path.back().keys)) {
      dead.push_back(path.back().number);
      path.pop_back();
    }
  }
  std::sort(dead.begin(), dead.end());
  dead.erase(std::unique(dead.begin(), dead.end()), dead.end());
  return dead;
}

}  // namespace prum::vehicle
