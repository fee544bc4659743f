#include "police_record/pseudonyms/patterns.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "engine/error.hpp"

namespace prum::police {

namespace {

// Stands before the first letter of each part of a name, and behind the last.
constexpr char edge = '_';

void write(uint32_t number, int digits, char* to) {
  for (int i = digits - 1; i >= 0; --i, number /= 10) to[i] = static_cast<char>('0' + number % 10);
}

}  // namespace

Patterns::Patterns(std::shared_ptr<const Hmac> hmac, uint32_t bits_set, uint32_t bits)
    : hmac_(std::move(hmac)), bits_set_(bits_set), bits_(bits) {
  if (!std::has_single_bit(bits) || bits < 64 || bits > 1 << 16 || bits_set > bits / 2) {
    throw Error(ErrorKind::invalid_input, "bad_shape",
                "a filter cannot hold patterns of this size");
  }
}

void Patterns::add_name(const Spellings& names, size_t i, uint64_t* row) {
  for (size_t k = 0; k < names.count(i); ++k) {
    char before = edge;
    for (const char letter : names.form(i, k)) {
      const char here = letter == ' ' ? edge : letter;
      add({before, here}, row);
      before = here;
    }
    add({before, edge}, row);
  }
}

void Patterns::add_date(Date packed, uint64_t* row) {
  if (packed == 0) return;
  const auto [year, month, day] = parts_of(packed);
  Piece piece{};
  write(year, 4, piece.data());
  add(piece, row);
  if (!month) return;
  piece[4] = '-';
  write(month, 2, &piece[5]);
  add(piece, row);
  if (!day) return;
  piece[5] = '-';
  write(day, 2, &piece[6]);
  add(piece, row);
  piece = {};
  write(std::min(month, day), 2, piece.data());
  piece[2] = '-';
  write(std::max(month, day), 2, &piece[3]);
  add(piece, row);
}

void Patterns::add(Piece piece, uint64_t* row) {
  const uint64_t* bits = pattern(piece);
  for (size_t i = 0; i < words(); ++i) row[i] |= bits[i];
}

const uint64_t* Patterns::pattern(Piece piece) {
  const auto key = std::bit_cast<uint64_t>(piece);
  const auto found = row_of_.find(key);
  if (found != row_of_.end()) return found->second;
  const size_t at = row_of_.size() % rows_in_block, block = row_of_.size() / rows_in_block;
  if (block == blocks_.size()) {
    blocks_.push_back(std::make_unique<uint64_t[]>(rows_in_block * words()));
  }
  uint64_t* const row = blocks_[block].get() + at * words();
  draw(piece, row);
  row_of_.emplace(key, row);
  return row;
}

// Random hashing: the places are drawn, 16 bits each, from the digests of the text and a counter.
// Double hashing, which stretches two numbers of a digest to all places, would reveal which bits
// belong together.
void Patterns::draw(Piece piece, uint64_t* row) const {
  const std::string text(piece.data(), strnlen(piece.data(), piece.size()));
  std::fill_n(row, words(), uint64_t{0});
  uint32_t set = 0;
  for (uint32_t counter = 0; set < bits_set_; ++counter) {
    const char big_endian[] = {static_cast<char>(counter >> 8), static_cast<char>(counter)};
    const Digest digest = hmac_->digest(std::string(big_endian, 2) + text);
    for (size_t i = 0; i < digest.size() && set < bits_set_; i += 2) {
      // A power of two: every place is as likely as the others.
      const uint32_t place = (uint32_t{digest[i]} << 8 | digest[i + 1]) & (bits_ - 1);
      const uint64_t bit = uint64_t{1} << place % 64;
      set += !(row[place / 64] & bit);
      row[place / 64] |= bit;
    }
  }
}

void Patterns::forget() {
  row_of_.clear();
  for (const auto& block : blocks_) overwrite(block.get(), rows_in_block * words() * 8);
}

}  // namespace prum::police
