#include "vehicle/key_index.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace prum::vehicle {
namespace {

// Rows are in the order of their plates, so plates read from their ends need no blocks of their
// own.
constexpr std::string_view plates = "plate", plates_from_end = "plate.back";

}  // namespace

KeyIndex::KeyIndex(const Segment& segment, const std::string& name, uint32_t longest)
    : longest_(longest) {
  const size_t lengths = size_t{longest} + 2;
  lengths_ = segment.column(name + ".lengths", lengths * sizeof(uint32_t)).as<uint32_t>();
  size_t bytes = 0;
  if (lengths_[0] != 0) throw_damaged();
  for (uint32_t n = 0; n <= longest; ++n) {
    if (lengths_[n] > lengths_[n + 1]) throw_damaged();
    const size_t blocks = (size_t{lengths_[n + 1] - lengths_[n]} + block_keys - 1) / block_keys;
    bytes += blocks * n * block_keys;
  }
  std::fill_n(parts_, longest + 1, nullptr);
  if (name != plates_from_end) {
    const Column& stored = segment.column(name + ".codes");
    if (stored.bytes < bytes) throw_damaged();
    const auto* codes = stored.as<uint8_t>();
    for (uint32_t n = 0; n <= longest; ++n) {
      parts_[n] = codes;
      const size_t blocks = (size_t{lengths_[n + 1] - lengths_[n]} + block_keys - 1) / block_keys;
      codes += blocks * n * block_keys;
    }
  }
  if (name != plates) {
    const Column& stored = segment.column(name + ".rows");
    if (stored.bytes < size_t{keys()} * sizeof(uint32_t)) throw_damaged();
    rows_ = stored.as<uint32_t>();
  } else if (keys() != segment.rows()) {
    throw_damaged();
  }
  const Column& nodes = segment.column(name + ".nodes");
  n_nodes_ = nodes.bytes / sizeof(StoredNode);
  if (n_nodes_ < size_t{longest} + 1) throw_damaged();
  nodes_ = nodes.as<StoredNode>();
  symbols_ = segment.column(name + ".nodes.symbols", n_nodes_ + node_padding).as<uint8_t>();
}

Part KeyIndex::part_of(uint32_t key) const {
  const auto* next = std::upper_bound(lengths_ + 1, lengths_ + longest_ + 1, key);
  return part(static_cast<uint32_t>(next - lengths_ - 1));
}

void KeyIndex::expect_leaf(const Descent& descent) const {
  const Part part = this->part(descent.key->n);
  const KeyRange leaf = descent.node.keys;
  const uint32_t first = (leaf.begin - part.first) / block_keys;
  const uint32_t last = std::min(first + 1, (leaf.end - 1 - part.first) / block_keys);
  for (uint32_t b = first; b <= last; ++b) {
    for (uint32_t line = descent.depth; line < part.symbols; ++line) {
      __builtin_prefetch(part.block(b) + size_t{line} * block_keys);
    }
  }
}

void KeyIndex::descend(std::vector<Descent>& keys, KeyRange within) const {
  std::vector<Descent> leaves;
  const auto settled = [&](const Descent& key) {
    const KeyRange range = key.node.keys;
    if (range.end <= within.begin || range.begin >= within.end || range.empty()) return true;
    if (children(key.node) > 0) return false;
    expect_leaf(key);
    leaves.push_back(key);
    return true;
  };
  std::erase_if(keys, settled);
  while (!keys.empty()) {
    std::erase_if(keys, [&](Descent& key) {
      if (key.depth >= key.key->n) throw_damaged();
      const uint8_t* symbols = child_symbols(key.node);
      const void* at = std::memchr(symbols, key.key->symbols[key.depth], children(key.node));
      if (at == nullptr) return true;
      key.child = static_cast<uint32_t>(static_cast<const uint8_t*>(at) - symbols);
      __builtin_prefetch(&nodes_[first_child(key.node) + key.child]);
      return false;
    });
    for (Descent& key : keys) {
      key.node = child(key.node, key.child);
      ++key.depth;
      if (children(key.node) > 0) __builtin_prefetch(child_symbols(key.node));
    }
    std::erase_if(keys, settled);
  }
  keys.swap(leaves);
}

}  // namespace prum::vehicle
