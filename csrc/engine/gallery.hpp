// The native half of a gallery: the published segments, searches over them, and burials.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/gate.hpp"
#include "engine/search/pairs.hpp"
#include "engine/search/sink.hpp"
#include "engine/segments/segment.hpp"

namespace prum {

// References whose attribute, a column of doubles, lies in [low, high]; a missing one does not.
struct Range {
  std::string attribute;
  double low;
  double high;
};

struct SearchRequest {
  const Matcher* matcher = nullptr;
  ListRule list;
  unsigned threads = 1;
  bool by_label = false;
  std::array<bool, 256> label{};
  bool by_id = false;
  std::vector<std::string> ids;  // with by_id; an unknown one is an error
  std::vector<Range> ranges;
  std::optional<Origins> origins;
};

// Columns over all probes; hits of probe p are [offsets[p], offsets[p + 1]), best first.
struct SearchResult {
  SegmentList segments;  // of the hits, kept alive
  std::vector<uint64_t> offsets{0};
  std::vector<Hit> hits;
  std::vector<std::string> ids;
  std::vector<uint64_t> found;       // candidates before any limit; limit + 1: "more", uncounted
  std::vector<uint64_t> examined;    // live, eligible references
  std::vector<uint64_t> remarks;     // bits of the category about each probe
  std::vector<uint64_t> generation;  // of the gallery that the probe was searched in
};

// Rows of a segment.
struct Places {
  std::shared_ptr<Segment> segment;
  std::vector<uint32_t> rows;
};

class Gallery {
 public:
  Gallery();

  // Number of the state of the references that the owner of the gallery gave it.
  uint64_t generation() const;
  // Number of changes of any kind: rows stay where they are while it stays equal.
  uint64_t changes() const;
  SegmentList segments() const;
  uint64_t size() const;
  bool contains(std::string_view id) const;
  // Segment and live row of an id.
  std::pair<std::shared_ptr<Segment>, uint32_t> locate(std::string_view id) const;
  // Index of the first id that the gallery holds, or -1.
  int64_t first_known(const std::vector<std::string_view>& ids) const;

  // Makes a new list of segments the gallery. Segments that drop out stay known until the last
  // search or candidate list that holds them is gone, so that an erasure reaches them too.
  void publish(SegmentList segments, uint64_t generation);

  // The segments, and behind them those that dropped out and that somebody still holds.
  SegmentList everywhere(size_t* published = nullptr);
  // Where these ids live, in segments that dropped out too. All of them must be known.
  std::vector<Places> find_everywhere(const std::vector<std::string_view>& ids);
  // Clears the live bits. From here on no search returns the rows.
  void bury(const std::vector<Places>& places, uint64_t generation);
  // Gives the same references another number.
  void renumber(uint64_t generation);

  SearchResult search(const SearchRequest& request) const;
  // All pairs that are offered; the request's rule for lists is ignored.
  Pairs pairs(const SearchRequest& request) const;

  Gate& gate() const { return gate_; }

 private:
  struct Snapshot {
    SegmentList segments;
    uint64_t generation = 0;
    uint64_t changes = 0;
  };
  std::shared_ptr<const Snapshot> snapshot() const;
  // Tells the watch of the call of a search, in comparisons.
  void begin_search(const Matcher& matcher) const;
  void search_group(const SearchRequest& request, uint32_t first, uint32_t last,
                    SearchResult& result) const;

  mutable Gate gate_;
  std::shared_ptr<const Snapshot> snapshot_;  // guarded by the gate's mutex, for one copy at a time
  std::vector<std::weak_ptr<Segment>> retired_;
};

}  // namespace prum
