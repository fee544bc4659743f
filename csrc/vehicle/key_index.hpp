// Sorted keys of one kind (plates, chassis numbers, their ends): blocks by length, and a shallow
// trie over each length.
//
// A node of the trie is a range of keys that share their first symbols. It has children where the
// range is too long to be looked through at once. A place that belonged to an erased key alone
// holds `no_symbol`, which equals no symbol and costs too much everywhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/segments/segment.hpp"
#include "engine/tier.hpp"
#include "kernels/plates/symbols.hpp"

namespace prum::vehicle {

// Codes of symbols: digits, letters, national letters (Ä, Ö, Ü first) and a slash.
inline constexpr uint8_t first_letter = 10;
inline constexpr uint8_t first_national = 36;
inline constexpr uint8_t no_symbol = 63;
// Suffixes of German plates: historic and electric cars.
inline constexpr uint8_t suffix_h = 'H' - 'A' + first_letter;
inline constexpr uint8_t suffix_e = 'E' - 'A' + first_letter;

inline constexpr uint32_t longest_plate = 16;
inline constexpr uint32_t longest_vin = longest_key;
// A range of keys that is looked through at once.
inline constexpr uint32_t leaf_keys = block_keys;
// The symbols of nodes are readable for a line past the last one.
inline constexpr size_t node_padding = 64;

// A node as it is stored; the symbols lie apart, those of siblings side by side.
struct StoredNode {
  uint32_t start;  // the first of its keys; they end where those of its next sibling begin
  uint32_t below;  // the first of its children, and their number in the lowest bits
};
inline constexpr uint32_t most_children = 64;
// Numbers that `below` has room for.
inline constexpr size_t most_nodes = size_t{1} << 26;

struct Key {
  uint8_t symbols[longest_key];
  uint32_t n = 0;
};

// Keys [begin, end) of all keys of an index.
struct KeyRange {
  uint32_t begin;
  uint32_t end;
  bool empty() const { return begin >= end; }
};

// Blocks of keys of one length; `first` is the number of the first key.
struct Part {
  const uint8_t* codes;
  uint32_t first;
  uint32_t keys;
  uint32_t symbols;

  const uint8_t* block(uint32_t b) const { return codes + size_t{b} * symbols * block_keys; }
  uint8_t symbol(uint32_t key, uint32_t i) const {
    const uint32_t k = key - first;
    return block(k / block_keys)[size_t{i} * block_keys + k % block_keys];
  }
};

class KeyIndex {
 public:
  // The index in the columns of a segment. `<name>.rows` is absent where keys are in the order of
  // rows, `<name>.codes` where those of the rows serve. Throws bad_segment where another column is
  // missing, and damaged_segment where lengths and sizes contradict each other.
  KeyIndex(const Segment& segment, const std::string& name, uint32_t longest);

  uint32_t longest() const { return longest_; }
  uint32_t keys() const { return lengths_[longest_ + 1]; }
  Part part(uint32_t symbols) const {
    return {parts_[symbols], lengths_[symbols], lengths_[symbols + 1] - lengths_[symbols], symbols};
  }
  // The part that a key lies in.
  Part part_of(uint32_t key) const;
  // The beginning of all blocks; null where there are none.
  const uint8_t* codes() const { return parts_[0]; }
  bool in_row_order() const { return rows_ == nullptr; }
  // The row of a key.
  uint32_t row(uint32_t key) const { return rows_ == nullptr ? key : rows_[key]; }

  struct Node {
    uint32_t number;
    KeyRange keys;
  };
  Node root(uint32_t symbols) const {
    return {symbols, {lengths_[symbols], lengths_[symbols + 1]}};
  }
  uint32_t children(const Node& node) const { return nodes_[node.number].below % most_children; }
  // Their symbols; a line may be read from here.
  const uint8_t* child_symbols(const Node& node) const { return symbols_ + first_child(node); }
  Node child(const Node& node, uint32_t i) const {
    const uint32_t number = first_child(node) + i, begin = nodes_[number].start;
    const uint32_t end = i + 1 < children(node) ? nodes_[number + 1].start : node.keys.end;
    if (begin < node.keys.begin || begin > end || end > node.keys.end) throw_damaged();
    return {number, {begin, end}};
  }

  // The way of a complete key down the trie, and in the end its leaf.
  struct Descent {
    const Key* key;
    uint32_t number;  // of the caller
    Node node;
    uint32_t depth = 0;
    uint32_t child = 0;
  };
  Descent start(const Key& key, uint32_t number) const { return {&key, number, root(key.n)}; }
  // Leads keys to their leaves; a key without a leaf in [begin, end) drops out. The keys go side by
  // side, so that each works while the others wait for memory.
  void descend(std::vector<Descent>& keys, KeyRange within) const;

  // Calls `found` with each key of the leaf that equals the complete key.
  template <class Found>
  void find(const Descent& key, Found found) const;

 private:
  void expect_leaf(const Descent& key) const;
  uint32_t first_child(const Node& node) const {
    const StoredNode& stored = nodes_[node.number];
    const uint32_t first = stored.below / most_children;
    // Children come behind their parents, so every walk ends.
    if (first <= node.number || size_t{first} + stored.below % most_children > n_nodes_) {
      throw_damaged();
    }
    return first;
  }

  uint32_t longest_;
  const uint32_t* lengths_;                // the first key of each length
  const uint8_t* parts_[longest_key + 1];  // the blocks of each length
  const uint32_t* rows_ = nullptr;
  size_t n_nodes_;
  const StoredNode* nodes_;
  const uint8_t* symbols_;
};

template <class Found>
void KeyIndex::find(const Descent& descent, Found found) const {
  const Key& key = *descent.key;
  const KeyRange leaf = descent.node.keys;
  const Part part = this->part(key.n);
  const auto equal = kernels_in_use().symbols.equal;
  for (uint32_t at = leaf.begin; at < leaf.end;) {
    const uint32_t b = (at - part.first) / block_keys;
    const uint32_t block_first = part.first + b * block_keys;
    uint64_t keys = equal(part.block(b), key.symbols, descent.depth, key.n);
    keys &= ~uint64_t{0} << (at - block_first);
    for (; keys != 0; keys &= keys - 1) {
      const uint32_t k = block_first + static_cast<uint32_t>(__builtin_ctzll(keys));
      if (k >= leaf.end) return;
      found(k);
    }
    at = block_first + block_keys;
  }
}

}  // namespace prum::vehicle
