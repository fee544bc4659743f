#include "engine/segment.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/error.hpp"

namespace prum {
namespace {

void check_offsets(const uint64_t* offsets, uint32_t rows) {
  if (!std::is_sorted(offsets, offsets + size_t{rows} + 1)) {
    throw Error(ErrorKind::invalid_input, "bad_segment", "offsets are not ascending");
  }
}

}  // namespace

Segment::Segment(uint32_t rows, Columns columns, std::shared_ptr<void> owner)
    : rows_(rows), columns_(std::move(columns)), owner_(std::move(owner)) {
  id_offsets_ = column(column_name::id_offsets, (size_t{rows} + 1) * 8).as<uint64_t>();
  const Column& bytes = column(column_name::id_bytes, id_offsets_[rows]);
  id_bytes_ = static_cast<char*>(bytes.data);
  check_offsets(id_offsets_, rows);
  const Column& index = column(column_name::id_index, id_index_slots(rows) * 4);
  id_index_ = static_cast<uint32_t*>(index.data);
  index_mask_ = static_cast<uint32_t>(id_index_slots(rows) - 1);
  const Column& live = column(column_name::live, (size_t{rows} + 63) / 64 * 8);
  live_ = static_cast<uint64_t*>(live.data);
  const Column* labels = find_column(column_name::labels);
  labels_ = labels == nullptr ? nullptr : column(column_name::labels, rows).as<uint8_t>();
  if (find_column(column_name::subject_offsets) != nullptr) {
    const Column& offsets = column(column_name::subject_offsets, (size_t{rows} + 1) * 8);
    subject_offsets_ = offsets.as<uint64_t>();
    check_offsets(subject_offsets_, rows);
    subject_bytes_ = column(column_name::subject_bytes, subject_offsets_[rows]).as<char>();
  }
  live_by_label_.assign(256, 0);
  for (uint32_t row = 0; row < rows; ++row) {
    if (!this->live(row)) continue;
    ++live_rows_;
    ++live_by_label_[label(row)];
  }
}

const Column* Segment::find_column(const std::string& name) const {
  const auto found = columns_.find(name);
  return found == columns_.end() ? nullptr : &found->second;
}

const Column& Segment::column(const std::string& name, size_t least_bytes) const {
  const Column* found = find_column(name);
  if (found == nullptr || found->bytes < least_bytes) {
    throw Error(ErrorKind::invalid_input, "bad_segment",
                "segment lacks the column " + name + ", or it is too short");
  }
  return *found;
}

std::optional<uint32_t> Segment::find(std::string_view id) const {
  for (auto slot = static_cast<uint32_t>(hash_id(id)) & index_mask_;;
       slot = (slot + 1) & index_mask_) {
    const uint32_t entry = id_index_[slot];
    if (entry == 0) return std::nullopt;
    if (entry == buried_slot || this->id(entry - 1) != id) continue;
    if (live(entry - 1)) return entry - 1;
    return std::nullopt;
  }
}

uint64_t Segment::live_rows(uint8_t label) const {
  return __atomic_load_n(&live_by_label_[label], __ATOMIC_RELAXED);
}

bool Segment::bury(uint32_t row) {
  const uint64_t bit = uint64_t{1} << (row & 63);
  if ((__atomic_fetch_and(&live_[row >> 6], ~bit, __ATOMIC_ACQ_REL) & bit) == 0) return false;
  __atomic_fetch_sub(&live_rows_, 1, __ATOMIC_RELAXED);
  __atomic_fetch_sub(&live_by_label_[label(row)], 1, __ATOMIC_RELAXED);
  return true;
}

void Segment::forget_ids(const std::vector<uint32_t>& dead) {
  for (const uint32_t row : dead) {
    const std::string_view id = this->id(row);
    for (auto slot = static_cast<uint32_t>(hash_id(id)) & index_mask_; id_index_[slot] != 0;
         slot = (slot + 1) & index_mask_) {
      if (id_index_[slot] == row + 1) {
        id_index_[slot] = buried_slot;
        break;
      }
    }
    std::memset(id_bytes_ + id_offsets_[row], 0, id.size());
  }
}

uint64_t hash_id(std::string_view id) {
  // FNV-1a over 8-byte words with a final mix: fixed for ever, since mapped segments carry the
  // index that was built with it.
  uint64_t h = 0xcbf29ce484222325u ^ id.size();
  size_t i = 0;
  for (; i + 8 <= id.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, id.data() + i, 8);
    h = (h ^ word) * 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
  }
  uint64_t tail = 0;
  if (i < id.size()) std::memcpy(&tail, id.data() + i, id.size() - i);
  h = (h ^ tail) * 0x9e3779b97f4a7c15u;
  return h ^ (h >> 32);
}

size_t id_index_slots(uint32_t rows) {
  size_t slots = 8;
  while (slots < size_t{rows} * 2) slots *= 2;
  return slots;
}

void build_id_index(const uint64_t* offsets, const char* bytes, uint32_t rows, uint32_t* slots,
                    size_t n_slots) {
  const uint64_t mask = n_slots - 1;
  const auto id = [&](uint32_t row) {
    return std::string_view(bytes + offsets[row], offsets[row + 1] - offsets[row]);
  };
  // While the index grows, each slot carries the other half of its hash: two different ids are
  // told apart without reading the first again. Slots are asked for well ahead, since at millions
  // of ids each of them is a cache miss.
  constexpr uint32_t ahead = 16;
  std::vector<uint64_t> growing(n_slots, 0);
  uint64_t hashes[ahead];
  for (uint32_t row = 0; row < std::min(ahead, rows); ++row) hashes[row] = hash_id(id(row));
  for (uint32_t row = 0; row < rows; ++row) {
    const uint64_t hash = hashes[row % ahead];
    if (row + ahead < rows) {
      const uint64_t next = hash_id(id(row + ahead));
      hashes[row % ahead] = next;
      __builtin_prefetch(&growing[next & mask], 1);
    }
    const uint64_t tag = hash >> 32 << 32;
    uint64_t slot = hash & mask;
    for (; growing[slot] != 0; slot = (slot + 1) & mask) {
      if (growing[slot] >> 32 << 32 != tag) continue;
      if (id(static_cast<uint32_t>(growing[slot]) - 1) == id(row)) {
        throw Error(ErrorKind::duplicate_reference, "duplicate_reference",
                    "reference id occurs twice in one call", row);
      }
    }
    growing[slot] = tag | (row + 1);
  }
  for (size_t slot = 0; slot < n_slots; ++slot) slots[slot] = static_cast<uint32_t>(growing[slot]);
}

}  // namespace prum
