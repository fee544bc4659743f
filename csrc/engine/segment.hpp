// A sealed block of references: columns, the ids with their hash index, and the live bitmap.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

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
inline constexpr const char* labels = "labels";                     // uint8[n]; absent: no labels
inline constexpr const char* subject_offsets = "subjects.offsets";  // uint64[n + 1]; may be absent
inline constexpr const char* subject_bytes = "subjects.bytes";      // uint8[...]
}  // namespace column_name

class Segment {
 public:
  Segment(uint32_t rows, Columns columns, std::shared_ptr<void> owner);

  uint32_t rows() const { return rows_; }
  const Column* find_column(const std::string& name) const;
  // Throws where it is missing or shorter than this: every mapped or handed-over column is
  // checked once, so that searches need no bounds checks of their own.
  const Column& column(const std::string& name, size_t least_bytes = 0) const;
  const std::shared_ptr<void>& owner() const { return owner_; }

  std::string_view id(uint32_t row) const {
    return {id_bytes_ + id_offsets_[row], id_offsets_[row + 1] - id_offsets_[row]};
  }
  // The live row of an id.
  std::optional<uint32_t> find(std::string_view id) const;

  bool has_subjects() const { return subject_offsets_ != nullptr; }
  // Empty where the reference belongs to no known subject.
  std::string_view subject(uint32_t row) const {
    if (subject_offsets_ == nullptr) return {};
    return {subject_bytes_ + subject_offsets_[row],
            subject_offsets_[row + 1] - subject_offsets_[row]};
  }

  uint8_t label(uint32_t row) const { return labels_ == nullptr ? 0 : labels_[row]; }

  bool live(uint32_t row) const {
    return (__atomic_load_n(&live_[row >> 6], __ATOMIC_ACQUIRE) >> (row & 63)) & 1;
  }
  // Clears the live bit; false if it was clear. From here on no search returns the row.
  bool bury(uint32_t row);

  // Live rows, in all and per label code.
  uint64_t live_rows() const { return __atomic_load_n(&live_rows_, __ATOMIC_RELAXED); }
  uint64_t live_rows(uint8_t label) const;

  // Overwrites the ids of dead rows and takes them out of the index; with the gate closed.
  void forget_ids(const std::vector<uint32_t>& dead);

 private:
  uint32_t rows_;
  Columns columns_;
  std::shared_ptr<void> owner_;
  const uint64_t* id_offsets_;
  char* id_bytes_;
  uint32_t* id_index_;
  uint32_t index_mask_;
  uint64_t* live_;
  const uint8_t* labels_;
  const uint64_t* subject_offsets_ = nullptr;
  const char* subject_bytes_ = nullptr;
  uint64_t live_rows_ = 0;
  std::vector<uint64_t> live_by_label_;
};

// The id index of a new segment. Slots hold row + 1; 0 is empty, `buried_slot` was erased.
inline constexpr uint32_t buried_slot = 0xFFFFFFFFu;
uint64_t hash_id(std::string_view id);
size_t id_index_slots(uint32_t rows);
// Throws duplicate_reference with the index of the second occurrence.
void build_id_index(const uint64_t* offsets, const char* bytes, uint32_t rows, uint32_t* slots,
                    size_t n_slots);

}  // namespace prum
