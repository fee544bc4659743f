// Keys that a read may stand for: all keys within a cost, each with its exact cost.
//
// Two errors in one half of a key leave the other half without an error. A walk from the front
// looks for keys whose first half costs at most half of the most, a walk from the back for keys
// whose second half costs less than the rest; together they miss no key. The walks find blocks, and
// every key of these blocks is compared.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "vehicle/edit_tables.hpp"
#include "vehicle/key_index.hpp"

namespace prum::vehicle {

class Edit {
 public:
  Edit(const Key& read, std::shared_ptr<const Prices> prices, uint32_t most);

  // Appends the keys in [begin, end) whose bound is within the most, in their order. `back` has the
  // same keys read from their ends, and leads to their places in `index`.
  void search(const KeyIndex& index, const KeyIndex& back, KeyRange within,
              std::vector<uint32_t>& keys) const;
  // The cost of a key, in thousandths.
  uint32_t cost(const Part& part, uint32_t key) const;
  uint32_t most() const { return most_; }

 private:
  struct Length {
    LengthTable front;
    LengthTable back;
  };

  Key read_;
  std::shared_ptr<const Prices> prices_;
  uint32_t most_;
  ReadTable forwards_;
  ReadTable backwards_;
  std::vector<Length> lengths_;  // the lengths of keys within the most
};

}  // namespace prum::vehicle
