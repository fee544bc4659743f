// One pass of a matcher over the segments of a gallery, shared by all workers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/gallery.hpp"
#include "engine/search/shortlist.hpp"
#include "engine/search/sink.hpp"

namespace prum {

class Pass {
 public:
  // Of the probes [first, last). Request and segments outlive it, and the gate was entered.
  Pass(const SearchRequest& request, const SegmentList& segments, uint32_t first, uint32_t last);
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;

  // May run again where rows were erased meanwhile; the sinks then begin anew.
  void run();

  const std::vector<Sink>& sinks() const { return sinks_; }
  const ListRule& list() const { return list_; }
  // Live, eligible references.
  uint64_t examined() const { return examined_; }

 private:
  struct Tile {
    uint32_t segment;
    uint32_t begin;
    uint32_t end;
  };
  void search(const Tile& tile, Sink& sink) const;

  const SearchRequest* request_;
  const SegmentList* segments_;
  uint32_t first_, last_;
  ListRule list_;
  Eligible eligible_;
  uint64_t examined_;
  std::vector<Tile> tiles_;
  std::optional<Shortlists> shortlists_;
  std::optional<Cuts> cuts_;
  std::vector<Sink> sinks_;
};

}  // namespace prum
