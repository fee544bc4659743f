#include "vehicle/edit.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/tier.hpp"
#include "engine/watch.hpp"

namespace prum::vehicle {
namespace {

// The blocks of a part that a walk has not ruled out.
class Blocks {
 public:
  Blocks(const Part& part, KeyRange within) : part_(part), within_(within) {}

  void add(KeyRange keys) {
    const uint32_t last = (keys.end - 1 - part_.first) / block_keys;
    for (uint32_t b = (keys.begin - part_.first) / block_keys; b <= last; ++b) add_block(b);
  }
  void add(uint32_t key) {
    if (key < part_.first || key - part_.first >= part_.keys) throw_damaged();
    if (key >= within_.begin && key < within_.end) add_block((key - part_.first) / block_keys);
  }

  // Appends the keys whose bound is within the most.
  void look_through(const EditTable& table, std::vector<uint32_t>& keys) {
    std::sort(blocks_.begin(), blocks_.end());
    blocks_.erase(std::unique(blocks_.begin(), blocks_.end()), blocks_.end());
    const auto kernel = kernels_in_use().symbols.within;
    constexpr size_t ahead = 4;
    Pulse<256> pulse;
    for (size_t i = 0; i < blocks_.size(); ++i) {
      pulse();
      if (i + ahead < blocks_.size()) expect(blocks_[i + ahead]);
      uint64_t lanes = kernel(table, part_.block(blocks_[i]));
      const uint32_t first = part_.first + blocks_[i] * block_keys;
      for (; lanes != 0; lanes &= lanes - 1) {
        const uint32_t key = first + static_cast<uint32_t>(__builtin_ctzll(lanes));
        if (key >= within_.begin && key < within_.end) keys.push_back(key);
      }
    }
  }

 private:
  void add_block(uint32_t block) {
    if (blocks_.empty() || blocks_.back() != block) blocks_.push_back(block);
  }
  void expect(uint32_t block) const {
    const uint8_t* at = part_.block(block);
    for (uint32_t line = 0; line < part_.symbols; ++line) {
      __builtin_prefetch(at + size_t{line} * block_keys);
    }
  }

  Part part_;
  KeyRange within_;
  std::vector<uint32_t> blocks_;
};

// Walks down a trie wherever a key below, out of a given range, can be near enough.
template <class Leaf>
class Walk {
 public:
  Walk(const KeyIndex& index, const EditTable& table, KeyRange within, Leaf leaf)
      : index_(index),
        table_(table),
        within_(within),
        leaf_(leaf),
        extend_(kernels_in_use().symbols.extend) {}

  void start() const {
    uint8_t cells[longest_read + 1];
    std::memset(cells, Units::far, sizeof cells);
    std::copy_n(table_.leading, cells_at(0).end, cells);
    from(index_.root(table_.symbols), 0, cells);
  }

 private:
  void from(const KeyIndex::Node& node, uint32_t depth, const uint8_t* cells) const {
    const KeyRange keys{std::max(node.keys.begin, within_.begin),
                        std::min(node.keys.end, within_.end)};
    if (keys.empty()) return;
    const uint32_t n = index_.children(node);
    if (n == 0) return leaf_(keys);
    if (depth >= table_.symbols) throw_damaged();
    pulse_();
    alignas(64) uint8_t next[(longest_read + 1) * block_keys];
    uint64_t near = extend_(table_, depth, cells, index_.child_symbols(node), next);
    if (n < block_keys) near &= (uint64_t{1} << n) - 1;
    const KeyRange band = cells_at(depth + 1);
    for (; near != 0; near &= near - 1) {
      const auto i = static_cast<uint32_t>(__builtin_ctzll(near));
      uint8_t child[longest_read + 1];
      std::memset(child, Units::far, sizeof child);
      for (uint32_t j = band.begin; j < band.end; ++j) child[j] = next[j * block_keys + i];
      from(index_.child(node, i), depth + 1, child);
    }
  }

  // The cells that can matter behind so many symbols.
  KeyRange cells_at(uint32_t i) const {
    const auto n = static_cast<int32_t>(i), read = static_cast<int32_t>(table_.read);
    return {static_cast<uint32_t>(std::max(0, n + table_.lowest)),
            static_cast<uint32_t>(std::min(read, n + table_.highest) + 1)};
  }

  const KeyIndex& index_;
  const EditTable& table_;
  KeyRange within_;
  Leaf leaf_;
  decltype(SymbolKernels::extend) extend_;
  mutable Pulse<256> pulse_;
};

}  // namespace

Edit::Edit(const Key& read, std::shared_ptr<const Prices> prices, uint32_t most)
    : read_(read),
      prices_(std::move(prices)),
      most_(most),
      forwards_(read, *prices_, Units(most)),
      backwards_(forwards_.reversed()) {
  const Units units(most);
  for (uint32_t n = 1; n <= longest_read; ++n) {
    const uint32_t half = n / 2;
    const auto near = static_cast<uint8_t>(half == 0 ? units.most() : units.most() / 2);
    const LengthTable front(forwards_, units, n, {half, near});
    if (!front.possible()) continue;
    // A key that is not near in front costs at least one unit more there.
    const auto nearer = static_cast<uint8_t>(units.most() - near - 1);
    lengths_.push_back({front, LengthTable(backwards_, units, n, {n - half, nearer})});
  }
}

void Edit::search(const KeyIndex& index, const KeyIndex& back, KeyRange within,
                  std::vector<uint32_t>& keys) const {
  for (const Length& length : lengths_) {
    const Part part = index.part(length.front.symbols());
    const KeyRange here{std::max(part.first, within.begin),
                        std::min(part.first + part.keys, within.end)};
    if (here.empty()) continue;
    Blocks blocks(part, here);
    const EditTable front = length.front.view(forwards_, true);
    Walk(index, front, here, [&](KeyRange leaf) { blocks.add(leaf); }).start();
    if (part.symbols > 1) {
      const EditTable end = length.back.view(backwards_, true);
      Walk(back, end, {0, back.keys()}, [&](KeyRange leaf) {
        for (uint32_t key = leaf.begin; key < leaf.end; ++key) blocks.add(back.row(key));
      }).start();
    }
    blocks.look_through(length.front.view(forwards_, false), keys);
  }
}

uint32_t Edit::cost(const Part& part, uint32_t key) const {
  uint32_t cells[longest_read + 1];
  const uint32_t m = read_.n;
  cells[0] = 0;
  for (uint32_t j = 0; j < m; ++j) cells[j + 1] = cells[j] + prices_->leading[read_.symbols[j]];
  for (uint32_t i = 1; i <= part.symbols; ++i) {
    // Another process may be overwriting it.
    const uint8_t truth = part.symbol(key, i - 1) % symbol_codes;
    const auto& inserted = i == part.symbols ? prices_->trailing : prices_->insertion;
    uint32_t diagonal = cells[0];
    cells[0] += prices_->deletion[truth];
    for (uint32_t j = 1; j <= m; ++j) {
      const uint8_t read = read_.symbols[j - 1];
      const uint32_t cell =
          std::min({cells[j] + prices_->deletion[truth],
                    diagonal + prices_->substitution[read][truth], cells[j - 1] + inserted[read]});
      diagonal = cells[j];
      cells[j] = cell;
    }
  }
  return cells[m];
}

}  // namespace prum::vehicle
