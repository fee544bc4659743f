// A sealed block of references: columns, the ids with their hash index, and the live bitmap.
//
// Columns may be mapped files that other processes map too. Their sizes were checked, but their
// contents may be damaged, and live bits, ids and the id index of dead rows change at any moment.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/segments/strings.hpp"

namespace prum {

// A view of one column. The memory belongs to the segment's owner: an array in memory, or a
// mapped file.
struct Column {
  void* data = nullptr;
  size_t bytes = 0;
  std::vector<size_t> shape;

  template <class T>
  const T* as() const {
    return static_cast<const T*>(data);
  }
};

using Columns = std::unordered_map<std::string, Column>;

// Columns that the engine itself keeps in every segment; the rest are the category's.
namespace column_name {
inline constexpr const char* id_offsets = "ids.offsets";            // uint64[n + 1]
inline constexpr const char* id_bytes = "ids.bytes";                // uint8[...]
inline constexpr const char* id_index = "ids.index";                // uint32[2^k], open addressing
inline constexpr const char* live = "live";                         // uint64[ceil(n / 64)]
inline constexpr const char* live_counts = "live.counts";           // uint64[258]
inline constexpr const char* labels = "labels";                     // uint8[n]; absent: no labels
inline constexpr const char* subject_offsets = "subjects.offsets";  // uint64[n + 1]; may be absent
inline constexpr const char* subject_bytes = "subjects.bytes";      // uint8[...]
}  // namespace column_name

// Places in the live counts behind the 256 labels: live rows in all, and a number that is odd
// while the id index is being changed and grows with every change.
inline constexpr size_t count_all = 256;
inline constexpr size_t count_version = 257;
inline constexpr size_t live_count_words = 258;

// Slots of an id index and their new entries.
struct IndexChange {
  std::vector<uint32_t> slots;
  std::vector<uint32_t> entries;
};

class Segment {
 public:
  Segment(uint32_t rows, Columns columns, std::shared_ptr<void> owner);

  uint32_t rows() const { return rows_; }
  const Column* find_column(const std::string& name) const;
  // Throws where it is missing or shorter than this: every mapped or handed-over column is
  // checked once, so that searches need no bounds checks of their own.
  const Column& column(const std::string& name, size_t least_bytes = 0) const;
  const std::shared_ptr<void>& owner() const { return owner_; }

  std::string_view id(uint32_t row) const { return ids_.at(row); }
  // Prefetches an id that will be asked for: first its place, a little later the id itself.
  void expect_id(uint32_t row) const { ids_.expect_place(row); }
  void expect_id_text(uint32_t row) const { ids_.expect_text(row); }
  // A copy of the id of a row that was still live when the copy was made.
  std::optional<std::string> live_id(uint32_t row) const;
  // The live row of an id; also while another process changes the index.
  std::optional<uint32_t> find(std::string_view id) const;
  // Index of the first of many ids that belongs to a live row; their number if none does.
  size_t find_first(const std::vector<std::string_view>& ids,
                    const std::vector<uint64_t>& hashes) const;

  bool has_subjects() const { return subjects_.offsets != nullptr; }
  // Empty where the reference belongs to no known subject.
  std::string_view subject(uint32_t row) const {
    return has_subjects() ? subjects_.at(row) : std::string_view{};
  }

  uint8_t label(uint32_t row) const { return labels_ == nullptr ? 0 : labels_[row]; }

  bool live(uint32_t row) const {
    return (__atomic_load_n(&live_[row >> 6], __ATOMIC_ACQUIRE) >> (row & 63)) & 1;
  }
  // Clears the live bit; false if it was clear. From here on no search returns the row.
  bool bury(uint32_t row);

  // Live rows, in all and per label code.
  uint64_t live_rows() const { return std::min<uint64_t>(count(count_all), rows_); }
  uint64_t live_rows(uint8_t label) const { return std::min<uint64_t>(count(label), rows_); }

  // The writes that leave the index as if these rows had never been in it. Reads their ids, and
  // writes nothing.
  IndexChange index_without(const std::vector<uint32_t>& rows) const;

 private:
  uint64_t count(size_t place) const { return __atomic_load_n(&counts_[place], __ATOMIC_RELAXED); }
  uint32_t entry(uint32_t slot) const {
    return __atomic_load_n(&id_index_[slot], __ATOMIC_ACQUIRE);
  }
  std::optional<uint32_t> look_up(std::string_view id) const;
  std::optional<uint32_t> look_through(std::string_view id) const;

  uint32_t rows_;
  Columns columns_;
  std::shared_ptr<void> owner_;
  Strings ids_;
  Strings subjects_;
  const uint32_t* id_index_;
  uint32_t index_mask_;
  uint64_t* live_;
  uint64_t* counts_;
  const uint8_t* labels_;
};

// The id index of a new segment. Slots hold row + 1; 0 is empty.
uint64_t hash_id(std::string_view id);
size_t id_index_slots(uint32_t rows);
// Of all rows, or of those whose bit is set in `live`. Throws duplicate_reference with the index of
// the second occurrence.
void build_id_index(const Strings& ids, uint32_t rows, const uint64_t* live, uint32_t* slots,
                    size_t n_slots);

}  // namespace prum
