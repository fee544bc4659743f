#include "vehicle/pattern.hpp"

#include <algorithm>

#include "engine/tier.hpp"

namespace prum::vehicle {
namespace {

// Blocks whose masks are made by one call.
constexpr uint32_t blocks_together = 256;

}  // namespace

Pattern::Pattern(const std::vector<Token>& tokens) : tokens_(tokens) {
  for (const Token& token : tokens) {
    if (token.star) {
      has_star_ = true;
      stays_ |= uint64_t{1} << singles_;
      continue;
    }
    ++singles_;
    if (!has_star_) ++prefix_;
    for (uint32_t code = 0; code < no_symbol; ++code) {
      if ((token.symbols >> code) & 1) enters_[code] |= uint64_t{1} << singles_;
    }
  }
  table_.bytes = singles_ / 8 + 1;
  for (uint32_t b = 0; b < state_bytes; ++b) {
    const uint32_t shift = 8 * b;
    table_.stays[b] = static_cast<uint8_t>(stays_ >> shift);
    table_.last[b] = static_cast<uint8_t>(uint64_t{1} << singles_ >> shift);
    for (uint32_t code = 0; code < 64; ++code) {
      table_.enters[b].at[code] = static_cast<uint8_t>(enters_[code] >> shift);
    }
  }
}

Pattern Pattern::reversed() const { return Pattern({tokens_.rbegin(), tokens_.rend()}); }

Pattern Pattern::beginning(uint32_t symbols) const {
  std::vector<Token> tokens(tokens_.begin(), tokens_.begin() + std::min(symbols, prefix_));
  tokens.push_back({true, 0});
  return Pattern(tokens);
}

uint32_t Pattern::literal_prefix() const {
  const auto literal = [](const Token& token) {
    return !token.star && __builtin_popcountll(token.symbols) == 1;
  };
  const auto end = std::find_if_not(tokens_.begin(), tokens_.end(), literal);
  return static_cast<uint32_t>(end - tokens_.begin());
}

uint64_t Pattern::step(uint64_t state, uint8_t symbol) const {
  return (state << 1 & enters_[symbol % 64]) | (state & stays_);
}

void Pattern::walk(const KeyIndex& index, const KeyIndex::Node& node, uint32_t depth,
                   uint64_t state, KeyRange within, std::vector<KeyRange>& ranges) const {
  const KeyRange keys{std::max(node.keys.begin, within.begin), std::min(node.keys.end, within.end)};
  if (keys.empty()) return;
  const uint32_t n = index.children(node);
  // Behind a star all nodes below are to be looked at; so are their keys, at once.
  if (n == 0 || (state & stays_) != 0) {
    ranges.push_back(keys);
    return;
  }
  if (depth >= longest_key) throw_damaged();
  const uint8_t* symbols = index.child_symbols(node);
  for (uint32_t i = 0; i < n; ++i) {
    if (symbols[i] >= no_symbol) continue;
    const uint64_t next = step(state, symbols[i]);
    if (next != 0) walk(index, index.child(node, i), depth + 1, next, within, ranges);
  }
}

void Pattern::search(const KeyIndex& index, KeyRange within, std::vector<uint32_t>& keys) const {
  const auto match = kernels_in_use().symbols.match;
  uint64_t masks[blocks_together];
  for (uint32_t n = 1; n <= index.longest(); ++n) {
    const Part part = index.part(n);
    if (!may_be_long(n) || part.keys == 0) continue;
    std::vector<KeyRange> ranges;
    walk(index, index.root(n), 0, 1, within, ranges);
    for (const KeyRange& range : ranges) {
      const uint32_t last = (range.end - 1 - part.first) / block_keys;
      for (uint32_t b = (range.begin - part.first) / block_keys; b <= last; b += blocks_together) {
        const uint32_t together = std::min(blocks_together, last - b + 1);
        match(table_, part.block(b), n, together, masks);
        for (uint32_t i = 0; i < together; ++i) {
          const uint32_t first = part.first + (b + i) * block_keys;
          for (uint64_t lanes = masks[i]; lanes != 0; lanes &= lanes - 1) {
            const uint32_t key = first + static_cast<uint32_t>(__builtin_ctzll(lanes));
            if (key >= range.begin && key < range.end) keys.push_back(key);
          }
        }
      }
    }
  }
}

bool Pattern::fits(const Part& part, uint32_t key) const {
  uint64_t state = 1;
  for (uint32_t i = 0; i < part.symbols; ++i) state = step(state, part.symbol(key, i));
  return (state >> singles_) & 1;
}

}  // namespace prum::vehicle
