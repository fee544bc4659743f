// From keys in any order to the columns of an index.
#pragma once

#include <cstdint>
#include <vector>

#include "vehicle/key_index.hpp"

namespace prum::vehicle {

// Keys as they are given: `width` symbols each, no_symbol behind the last one.
struct Keys {
  const uint8_t* symbols;
  uint32_t n;
  uint32_t width;

  const uint8_t* at(uint32_t key) const { return symbols + size_t{key} * width; }
};

// Order of the keys by length and symbols, and the number of the first of each length. Keys that
// are equal keep their order.
struct Sorted {
  std::vector<uint32_t> order;
  std::vector<uint32_t> lengths;
};
Sorted sort_keys(const Keys& keys);

// Size of the blocks in bytes, and their contents; `lengths` as of Sorted.
size_t block_bytes(const std::vector<uint32_t>& lengths);
void write_blocks(const Keys& keys, const Sorted& sorted, uint8_t* codes);

// The nodes of the trie, with a root for each length in front. Where `most` nodes are made, ranges
// of keys stay longer.
struct Nodes {
  std::vector<StoredNode> stored;
  std::vector<uint8_t> symbols;
};
Nodes make_nodes(const std::vector<uint32_t>& lengths, const uint8_t* codes, size_t most);

// The keys of rows in an index; a row may have none.
std::vector<uint32_t> keys_of(const KeyIndex& index, const Segment& segment,
                              const std::vector<uint32_t>& rows);
// The places of the symbols of keys in the blocks, for keys that have to be overwritten.
std::vector<uint64_t> places_of(const KeyIndex& index, const std::vector<uint32_t>& keys);
// Those nodes over these keys that hold no live key any more.
std::vector<uint32_t> dead_nodes(const KeyIndex& index, const Segment& segment,
                                 const std::vector<uint32_t>& keys);

}  // namespace prum::vehicle
