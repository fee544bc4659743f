#include "engine/segments/segment.hpp"

#include <algorithm>
#include <cstring>
#include <thread>
#include <utility>

#include "engine/error.hpp"
#include "engine/watch.hpp"

namespace prum {
namespace {

// A change of an index is a handful of writes. A reader that waited for so many looks was left
// behind by a writer that died.
constexpr int most_attempts = 1000;
// A writer that waits for a core is left one now and then. On a busy machine that takes a slice of
// time each: a thousand of them, beside a writer that died, made one lookup last three seconds.
constexpr int attempts_a_slice = 100;

Strings strings_of(const Segment& segment, const char* offsets, const char* bytes) {
  const Column& text = segment.column(bytes);
  const size_t least = (size_t{segment.rows()} + 1) * sizeof(uint64_t);
  return {segment.column(offsets, least).as<uint64_t>(), text.as<char>(), text.bytes};
}

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

}  // namespace

Segment::Segment(uint32_t rows, Columns columns, std::shared_ptr<void> owner)
    : rows_(rows), columns_(std::move(columns)), owner_(std::move(owner)) {
  ids_ = strings_of(*this, column_name::id_offsets, column_name::id_bytes);
  if (find_column(column_name::subject_offsets) != nullptr) {
    subjects_ = strings_of(*this, column_name::subject_offsets, column_name::subject_bytes);
  }
  id_index_ = column(column_name::id_index, id_index_slots(rows) * 4).as<uint32_t>();
  index_mask_ = static_cast<uint32_t>(id_index_slots(rows) - 1);
  live_ = static_cast<uint64_t*>(column(column_name::live, (size_t{rows} + 63) / 64 * 8).data);
  counts_ = static_cast<uint64_t*>(column(column_name::live_counts, live_count_words * 8).data);
  const bool labelled = find_column(column_name::labels) != nullptr;
  labels_ = labelled ? column(column_name::labels, rows).as<uint8_t>() : nullptr;
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

std::optional<std::string> Segment::live_id(uint32_t row) const {
  std::string id(this->id(row));
  if (!live(row)) return std::nullopt;
  if (!printable(id)) throw_damaged();
  return id;
}

std::optional<uint32_t> Segment::look_up(std::string_view id) const {
  auto slot = static_cast<uint32_t>(hash_id(id)) & index_mask_;
  // Not for ever, since a damaged index may have no empty slot.
  for (size_t probes = 0; probes <= index_mask_; ++probes, slot = (slot + 1) & index_mask_) {
    const uint32_t entry = this->entry(slot);
    if (entry == 0) break;
    const uint32_t row = entry - 1;
    if (row < rows_ && this->id(row) == id && live(row)) return row;
  }
  return std::nullopt;
}

std::optional<uint32_t> Segment::look_through(std::string_view id) const {
  for (uint32_t row = 0; row < rows_; ++row) {
    if (live(row) && this->id(row) == id) return row;
  }
  return std::nullopt;
}

std::optional<uint32_t> Segment::find(std::string_view id) const {
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    const uint64_t before = __atomic_load_n(&counts_[count_version], __ATOMIC_ACQUIRE);
    // A live row with this id is right at any state of the index. A row that is not found may just
    // be on its way to another slot.
    if (const auto row = look_up(id)) return row;
    if (before % 2 == 0 && count(count_version) == before) return std::nullopt;
    if (attempt % attempts_a_slice == attempts_a_slice - 1) std::this_thread::yield();
  }
  return look_through(id);
}

size_t Segment::find_first(const std::vector<std::string_view>& ids,
                           const std::vector<uint64_t>& hashes) const {
  // Each look-up is a chain of cache misses: slot, offset, characters. They are asked for ahead,
  // one link at a time, which makes a hundred thousand look-ups four times as fast (measured).
  constexpr size_t ahead = 8;
  const auto row_near = [&](size_t i) {
    const uint32_t entry = this->entry(static_cast<uint32_t>(hashes[i]) & index_mask_);
    return entry - 1 < rows_ ? entry - 1 : 0;
  };
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i + 3 * ahead < ids.size()) {
      __builtin_prefetch(&id_index_[static_cast<uint32_t>(hashes[i + 3 * ahead]) & index_mask_]);
    }
    if (i + 2 * ahead < ids.size()) __builtin_prefetch(&ids_.offsets[row_near(i + 2 * ahead)]);
    if (i + ahead < ids.size()) {
      const uint64_t begin = ids_.offsets[row_near(i + ahead)];
      __builtin_prefetch(ids_.bytes + std::min<uint64_t>(begin, ids_.size));
    }
    if (find(ids[i])) return i;
  }
  return ids.size();
}

bool Segment::bury(uint32_t row) {
  const uint64_t bit = uint64_t{1} << (row & 63);
  if ((__atomic_fetch_and(&live_[row >> 6], ~bit, __ATOMIC_ACQ_REL) & bit) == 0) return false;
  __atomic_fetch_sub(&counts_[count_all], 1, __ATOMIC_RELAXED);
  __atomic_fetch_sub(&counts_[label(row)], 1, __ATOMIC_RELAXED);
  return true;
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

void build_id_index(const Strings& ids, uint32_t rows, const uint64_t* live, uint32_t* slots,
                    size_t n_slots) {
  const uint64_t mask = n_slots - 1;
  const auto enters = [&](uint32_t row) {
    return live == nullptr || (live[row >> 6] >> (row & 63) & 1) != 0;
  };
  const auto hash_of = [&](uint32_t row) { return enters(row) ? hash_id(ids.at(row)) : 0; };
  // While the index grows, each slot carries the other half of its hash: two different ids are
  // told apart without reading the first again. Slots are asked for well ahead, since at millions
  // of ids each of them is a cache miss.
  constexpr uint32_t ahead = 16;
  std::vector<uint64_t> growing(n_slots, 0);
  uint64_t hashes[ahead];
  Pulse<4096> pulse;
  for (uint32_t row = 0; row < std::min(ahead, rows); ++row) hashes[row] = hash_of(row);
  for (uint32_t row = 0; row < rows; ++row) {
    pulse();
    const uint64_t hash = hashes[row % ahead];
    if (row + ahead < rows) {
      const uint64_t next = hash_of(row + ahead);
      hashes[row % ahead] = next;
      __builtin_prefetch(&growing[next & mask], 1);
    }
    if (!enters(row)) continue;
    const uint64_t tag = hash >> 32 << 32;
    uint64_t slot = hash & mask;
    for (; growing[slot] != 0; slot = (slot + 1) & mask) {
      if (growing[slot] >> 32 << 32 != tag) continue;
      if (ids.at(static_cast<uint32_t>(growing[slot]) - 1) == ids.at(row)) {
        throw Error(ErrorKind::duplicate_reference, "duplicate_reference",
                    "reference id occurs twice in one call", row);
      }
    }
    growing[slot] = tag | (row + 1);
  }
  for (size_t slot = 0; slot < n_slots; ++slot) slots[slot] = static_cast<uint32_t>(growing[slot]);
}

}  // namespace prum
