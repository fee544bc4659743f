#include "vehicle/edit.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/tier.hpp"

namespace prum::vehicle {
namespace {

// The kernels' cells hold 0 to 254, and 255 for what is out of reach.
constexpr uint32_t largest_cell = 254;
constexpr uint32_t far = 255;

// Thousandths that make one unit of the kernels. Prices are rounded down to units: sums of them
// never exceed the true cost in units.
uint32_t unit_of(uint32_t most) { return std::max(1u, (most + largest_cell - 1) / largest_cell); }

uint8_t in_units(uint32_t thousandths, uint32_t most) {
  return static_cast<uint8_t>(std::min(far, thousandths / unit_of(most)));
}

uint8_t plus(uint8_t a, uint8_t b) { return static_cast<uint8_t>(std::min(far, uint32_t{a} + b)); }

// Blocks of a part whose keys a walk has not ruled out, each once.
class Blocks {
 public:
  explicit Blocks(const Part& part) : part_(part) {}

  void add(KeyRange keys) {
    uint32_t b = (keys.begin - part_.first) / block_keys;
    if (!blocks_.empty() && blocks_.back() == b) ++b;
    for (const uint32_t last = (keys.end - 1 - part_.first) / block_keys; b <= last; ++b) {
      blocks_.push_back(b);
    }
  }

  void look_through(const EditTable& table, KeyRange within, std::vector<uint32_t>& keys) const {
    const auto kernel = kernels_in_use().symbols.within;
    constexpr size_t ahead = 4;
    for (size_t i = 0; i < blocks_.size(); ++i) {
      if (i + ahead < blocks_.size()) {
        const uint8_t* next = part_.block(blocks_[i + ahead]);
        for (uint32_t line = 0; line < part_.symbols; ++line) {
          __builtin_prefetch(next + size_t{line} * block_keys);
        }
      }
      uint64_t lanes = kernel(table, part_.block(blocks_[i]));
      const uint32_t first = part_.first + blocks_[i] * block_keys;
      for (; lanes != 0; lanes &= lanes - 1) {
        const uint32_t key = first + static_cast<uint32_t>(__builtin_ctzll(lanes));
        if (key >= within.begin && key < within.end) keys.push_back(key);
      }
    }
  }

 private:
  Part part_;
  std::vector<uint32_t> blocks_;
};

// Goes down the trie as long as something below can be near enough.
class Walk {
 public:
  Walk(const KeyIndex& index, const EditTable& table, KeyRange within, Blocks& blocks)
      : index_(index),
        table_(table),
        within_(within),
        blocks_(blocks),
        extend_(kernels_in_use().symbols.extend) {}

  void from(const KeyIndex::Node& node, uint32_t depth, const uint8_t* cells) {
    const KeyRange keys{std::max(node.keys.begin, within_.begin),
                        std::min(node.keys.end, within_.end)};
    if (keys.empty()) return;
    const uint32_t n = index_.children(node);
    if (n == 0) {
      blocks_.add(keys);
      return;
    }
    if (depth >= table_.symbols) throw_damaged();
    alignas(64) uint8_t next[(longest_read + 1) * block_keys];
    uint64_t near = extend_(table_, depth, cells, index_.child_symbols(node), next);
    if (n < block_keys) near &= (uint64_t{1} << n) - 1;
    for (; near != 0; near &= near - 1) {
      const auto i = static_cast<uint32_t>(__builtin_ctzll(near));
      uint8_t child[longest_read + 1];
      std::memset(child, far, sizeof child);
      for (uint32_t j = table_.low[depth + 1]; j <= table_.high[depth + 1]; ++j) {
        child[j] = next[j * block_keys + i];
      }
      from(index_.child(node, i), depth + 1, child);
    }
  }

 private:
  const KeyIndex& index_;
  const EditTable& table_;
  KeyRange within_;
  Blocks& blocks_;
  decltype(SymbolKernels::extend) extend_;
};

}  // namespace

LengthTable::LengthTable(const Key& read, const Prices& prices, uint32_t most, uint32_t symbols)
    : read_(read.n), symbols_(symbols), most_(static_cast<uint8_t>(most / unit_of(most))) {
  const uint32_t m = read.n, width = m + 1;
  const uint8_t deletion =
      in_units(*std::min_element(prices.deletion.begin(), prices.deletion.end()), most);
  leading_.assign(width, 0);
  uint32_t before = 0;
  for (uint32_t j = 0; j < m; ++j) {
    insertion_.push_back(in_units(prices.insertion[read.symbols[j]], most));
    trailing_.push_back(in_units(prices.trailing[read.symbols[j]], most));
    before += prices.leading[read.symbols[j]];
    leading_[j + 1] = in_units(before, most);
  }
  const auto inserted = [&](uint32_t i, uint32_t j) {
    return i == symbols ? trailing_[j] : insertion_[j];
  };
  // Substitutions may cost nothing: what is left, and what it took to get here, at the least.
  left_.assign(size_t{symbols + 1} * width, far);
  left_[size_t{symbols} * width + m] = 0;
  for (uint32_t i = symbols + 1; i-- > 0;) {
    for (uint32_t j = m + 1; j-- > 0;) {
      uint8_t& cell = left_[size_t{i} * width + j];
      if (i < symbols) cell = std::min(cell, plus(left_[size_t{i + 1} * width + j], deletion));
      if (j == m) continue;
      if (i < symbols) cell = std::min(cell, left_[size_t{i + 1} * width + j + 1]);
      // Before the first symbol, leading prices hold; a bound need not count them.
      const uint8_t price = i == 0 ? uint8_t{0} : inserted(i, j);
      cell = std::min(cell, plus(left_[size_t{i} * width + j + 1], price));
    }
  }
  std::vector<uint8_t> reach(size_t{symbols + 1} * width, far);
  for (uint32_t i = 0; i <= symbols; ++i) {
    for (uint32_t j = 0; j <= m; ++j) {
      uint8_t& cell = reach[size_t{i} * width + j];
      if (i == 0) {
        cell = leading_[j];
        continue;
      }
      cell = plus(reach[size_t{i - 1} * width + j], deletion);
      if (j > 0) {
        cell = std::min(cell, reach[size_t{i - 1} * width + j - 1]);
        cell = std::min(cell, plus(reach[size_t{i} * width + j - 1], inserted(i, j - 1)));
      }
    }
  }
  possible_ = reach[size_t{symbols} * width + m] <= most_;
  if (!possible_) return;
  for (uint32_t i = 0; i <= symbols; ++i) {
    uint32_t low = m, high = 0;
    for (uint32_t j = 0; j <= m; ++j) {
      if (plus(reach[size_t{i} * width + j], left_[size_t{i} * width + j]) > most_) continue;
      low = std::min(low, j);
      high = std::max(high, j);
    }
    low_.push_back(static_cast<uint8_t>(low));
    high_.push_back(static_cast<uint8_t>(std::max<uint32_t>(high, i > 0 ? high_[i - 1] : 0)));
  }
  for (uint32_t i = symbols; i-- > 0;) low_[i] = std::min(low_[i], low_[i + 1]);
}

EditTable LengthTable::view(const SymbolTable* substitution, const SymbolTable* deletion) const {
  return {read_,
          symbols_,
          substitution,
          deletion,
          insertion_.data(),
          trailing_.data(),
          leading_.data(),
          low_.data(),
          high_.data(),
          left_.data(),
          most_};
}

Edit::Edit(const Key& read, std::shared_ptr<const Prices> prices, uint32_t most)
    : read_(read), prices_(std::move(prices)), most_(most) {
  for (uint32_t code = 0; code < symbol_codes; ++code) {
    deletion_.at[code] = code == no_symbol ? uint8_t{far} : in_units(prices_->deletion[code], most);
    for (uint32_t j = 0; j < read.n; ++j) {
      substitution_[j].at[code] =
          code == no_symbol ? uint8_t{far}
                            : in_units(prices_->substitution[code][read.symbols[j]], most);
    }
  }
  for (uint32_t n = 1; n <= longest_read; ++n) lengths_.emplace_back(read, *prices_, most, n);
}

void Edit::search(const KeyIndex& index, KeyRange within, std::vector<uint32_t>& keys) const {
  for (uint32_t n = 1; n <= std::min(index.longest(), longest_read); ++n) {
    const LengthTable& length = lengths_[n - 1];
    const Part part = index.part(n);
    if (!length.possible() || part.keys == 0) continue;
    const EditTable table = length.view(substitution_, &deletion_);
    Blocks blocks(part);
    uint8_t cells[longest_read + 1];
    std::memset(cells, far, sizeof cells);
    std::memcpy(cells, length.leading(), size_t{table.high[0]} + 1);
    Walk(index, table, within, blocks).from(index.root(n), 0, cells);
    blocks.look_through(table, within, keys);
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
                    diagonal + prices_->substitution[truth][read], cells[j - 1] + inserted[read]});
      diagonal = cells[j];
      cells[j] = cell;
    }
  }
  return cells[m];
}

}  // namespace prum::vehicle
