#include "engine/gallery.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "engine/error.hpp"
#include "engine/search/pass.hpp"
#include "engine/watch.hpp"

namespace prum {
namespace {

// Probes that pass memory together. It bounds how long an erasure waits for a running batch.
constexpr uint32_t group_size = 1024;
// Where a shortlist is made for each probe, fewer: it takes a bit of every row.
constexpr uint32_t shortlisted_group = 64;

// A hit with a copy of its id. Another process may overwrite the segment, and a sort needs an order
// that does not change meanwhile.
struct Tied {
  Tied(const Hit& tied, std::string_view text) : hit(tied), id(text) {
    uint8_t begin[8] = {};
    std::copy_n(text.begin(), std::min(text.size(), sizeof begin), begin);
    for (const uint8_t c : begin) head = head << 8 | c;
  }
  bool operator<(const Tied& other) const {
    return head != other.head ? head < other.head : id < other.id;
  }

  uint64_t head = 0;  // the first characters: most comparisons need no more
  Hit hit;
  std::string id;
};

// Best first. Where ranks are equal, ids decide.
void sort_hits(std::vector<Hit>& hits, const SegmentList& segments) {
  Pulse<4096> pulse;
  std::sort(hits.begin(), hits.end(), [&](const Hit& a, const Hit& b) {
    pulse();
    return a.rank < b.rank;
  });
  std::vector<Tied> tied;
  for (auto first = hits.begin(); first != hits.end();) {
    const auto last =
        std::find_if(first, hits.end(), [&](const Hit& hit) { return hit.rank != first->rank; });
    if (last - first > 1) {
      tied.clear();
      tied.reserve(static_cast<size_t>(last - first));
      for (auto hit = first; hit != last; ++hit) {
        pulse();
        tied.emplace_back(*hit, segments[hit->segment]->id(hit->row));
      }
      std::sort(tied.begin(), tied.end(), [&](const Tied& a, const Tied& b) {
        pulse();
        return a < b;
      });
      std::transform(tied.begin(), tied.end(), first, [](const Tied& t) { return t.hit; });
    }
    first = last;
  }
}

// Leaves the best hit of each subject; hits come best first.
void fuse_subjects(const SegmentList& segments, std::vector<Hit>& hits) {
  std::unordered_set<std::string_view> seen;
  std::erase_if(hits, [&](const Hit& hit) {
    const std::string_view subject = segments[hit.segment]->subject(hit.row);
    return !subject.empty() && !seen.insert(subject).second;
  });
}

// Prefetches the ids for the lists of the next probes. A search for one complete key finds one
// reference, and waits for its id longer than for anything else.
void expect_ids(const std::vector<Sink>& sinks, const SegmentList& segments, uint32_t probe,
                uint32_t last) {
  constexpr uint32_t far_ahead = 16, near_ahead = 8;
  const auto each = [&](uint32_t ahead, auto expect) {
    if (probe + ahead >= last) return;
    for (const Sink& sink : sinks) {
      const Hit* hit = sink.best(probe + ahead).any();
      if (hit != nullptr) expect(*segments[hit->segment], hit->row);
    }
  };
  each(far_ahead, [](const Segment& segment, uint32_t row) { segment.expect_id(row); });
  each(near_ahead, [](const Segment& segment, uint32_t row) { segment.expect_id_text(row); });
}

bool has_erased(const SearchResult& result) {
  return std::any_of(result.hits.begin(), result.hits.end(),
                     [&](const Hit& hit) { return !result.segments[hit.segment]->live(hit.row); });
}

template <class T>
void move_to(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// Puts the probes of another result behind those of this one.
void append(SearchResult& result, SearchResult&& next) {
  const auto first_segment = static_cast<uint32_t>(result.segments.size());
  const uint64_t first_hit = result.hits.size();
  for (Hit& hit : next.hits) hit.segment += first_segment;
  for (size_t p = 1; p < next.offsets.size(); ++p) {
    result.offsets.push_back(first_hit + next.offsets[p]);
  }
  move_to(result.segments, next.segments);
  move_to(result.hits, next.hits);
  move_to(result.ids, next.ids);
  move_to(result.found, next.found);
  move_to(result.examined, next.examined);
  move_to(result.remarks, next.remarks);
  move_to(result.generation, next.generation);
}

}  // namespace

Gallery::Gallery() : snapshot_(std::make_shared<Snapshot>()) {}

std::shared_ptr<const Gallery::Snapshot> Gallery::snapshot() const {
  const std::lock_guard lock(gate_.mutex());
  return snapshot_;
}

uint64_t Gallery::generation() const { return snapshot()->generation; }

uint64_t Gallery::changes() const { return snapshot()->changes; }

SegmentList Gallery::segments() const { return snapshot()->segments; }

uint64_t Gallery::size() const {
  // Inside the gate, so that a replacement is never seen half done.
  const Inside inside(gate_);
  uint64_t n = 0;
  const auto current = snapshot();
  for (const auto& segment : current->segments) n += segment->live_rows();
  return n;
}

std::pair<std::shared_ptr<Segment>, uint32_t> Gallery::locate(std::string_view id) const {
  const Inside inside(gate_);
  const auto current = snapshot();
  for (const auto& segment : current->segments) {
    if (const auto row = segment->find(id)) return {segment, *row};
  }
  return {nullptr, 0};
}

bool Gallery::contains(std::string_view id) const { return locate(id).first != nullptr; }

int64_t Gallery::first_known(const std::vector<std::string_view>& ids) const {
  const Inside inside(gate_);
  const auto current = snapshot();
  std::vector<uint64_t> hashes(ids.size());
  std::transform(ids.begin(), ids.end(), hashes.begin(), hash_id);
  size_t first = ids.size();
  for (const auto& segment : current->segments) {
    first = std::min(first, segment->find_first(ids, hashes));
  }
  return first == ids.size() ? -1 : static_cast<int64_t>(first);
}

void Gallery::publish(SegmentList segments, uint64_t generation) {
  const std::lock_guard lock(gate_.mutex());
  for (const auto& segment : snapshot_->segments) {
    if (std::find(segments.begin(), segments.end(), segment) == segments.end()) {
      retired_.push_back(segment);
    }
  }
  auto next = std::make_shared<Snapshot>();
  next->segments = std::move(segments);
  next->generation = generation;
  next->changes = snapshot_->changes + 1;
  snapshot_ = std::move(next);
}

SegmentList Gallery::everywhere(size_t* published) {
  const std::lock_guard lock(gate_.mutex());
  SegmentList found = snapshot_->segments;
  if (published != nullptr) *published = found.size();
  std::erase_if(retired_, [](const auto& s) { return s.expired(); });
  for (const auto& weak : retired_) {
    if (auto segment = weak.lock()) found.push_back(std::move(segment));
  }
  return found;
}

std::vector<Places> Gallery::find_everywhere(const std::vector<std::string_view>& ids) {
  size_t published = 0;
  const SegmentList everywhere = this->everywhere(&published);
  std::vector<bool> known(ids.size(), false);
  std::vector<Places> places;
  for (size_t s = 0; s < everywhere.size(); ++s) {
    std::vector<uint32_t> rows;
    for (size_t i = 0; i < ids.size(); ++i) {
      const auto row = everywhere[s]->find(ids[i]);
      if (!row) continue;
      rows.push_back(*row);
      if (s < published) known[i] = true;
    }
    // An id may be named twice.
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    if (!rows.empty()) places.push_back({everywhere[s], std::move(rows)});
  }
  const auto unknown = std::find(known.begin(), known.end(), false);
  if (unknown != known.end()) {
    throw Error(ErrorKind::unknown_reference, "unknown_reference",
                "the gallery does not hold this reference", unknown - known.begin());
  }
  return places;
}

void Gallery::renumber(uint64_t generation) {
  const std::lock_guard lock(gate_.mutex());
  if (snapshot_->generation == generation) return;
  auto next = std::make_shared<Snapshot>(*snapshot_);
  next->generation = generation;
  snapshot_ = std::move(next);
}

void Gallery::bury(const std::vector<Places>& places, uint64_t generation) {
  {
    const std::lock_guard lock(gate_.mutex());
    auto next = std::make_shared<Snapshot>(*snapshot_);
    next->generation = generation;
    ++next->changes;
    snapshot_ = std::move(next);
  }
  for (const Places& here : places) {
    for (const uint32_t row : here.rows) here.segment->bury(row);
  }
}

void Gallery::begin_search(const Matcher& matcher) const {
  if (watched.watch == nullptr) return;
  uint64_t rows = 0;
  const auto current = snapshot();
  for (const auto& segment : current->segments) rows += segment->rows();
  const uint64_t looks = matcher.kept_share() < 1 ? 2 : 1;
  watched.watch->begin("search", rows * matcher.probes() * looks);
}

SearchResult Gallery::search(const SearchRequest& request) const {
  begin_search(*request.matcher);
  const uint32_t probes = request.matcher->probes();
  const uint32_t together = request.matcher->kept_share() < 1 ? shortlisted_group : group_size;
  std::vector<SearchResult> groups(std::max(1u, (probes + together - 1) / together));
  const auto search_one = [&](size_t g) {
    const auto first = static_cast<uint32_t>(g) * together;
    groups[g] = {};
    search_group(request, first, std::min(probes, first + together), groups[g]);
  };
  for (size_t g = 0; g < groups.size(); ++g) search_one(g);
  // The gate was open between the groups. A reference that was erased meanwhile must not leave with
  // the earlier ones.
  while (groups.size() > 1) {
    size_t stale = 0;
    {
      const Inside inside(gate_);
      while (stale < groups.size() && !has_erased(groups[stale])) ++stale;
    }
    if (stale == groups.size()) break;
    search_one(stale);
  }
  for (size_t g = 1; g < groups.size(); ++g) append(groups[0], std::move(groups[g]));
  return std::move(groups[0]);
}

void Gallery::search_group(const SearchRequest& request, uint32_t first, uint32_t last,
                           SearchResult& result) const {
  const Inside inside(gate_);
  const auto current = snapshot();
  const SegmentList& segments = current->segments;
  Pass pass(request, segments, first, last);
  const ListRule& list = pass.list();

  pass.run();
  std::vector<Hit> hits;
  std::vector<std::string> ids;
  Pulse<64> pulse;
  for (uint32_t probe = first; probe < last;) {
    pulse();
    hits.clear();
    ids.clear();
    expect_ids(pass.sinks(), segments, probe, last);
    uint64_t found = 0, remarks = 0;
    for (const Sink& sink : pass.sinks()) {
      sink.best(probe).append_to(hits);
      found += sink.found(probe);
      remarks |= sink.remarks(probe);
    }
    sort_hits(hits, segments);
    if (list.fuse) {
      fuse_subjects(segments, hits);
      found = hits.size();
    }
    const bool cut = found > list.limit;
    // The number of further candidates depends on the order of the search; their existence does
    // not.
    if (cut && !list.count && (list.fuse || !request.matcher->counts_all())) found = list.limit + 1;
    if (hits.size() > list.limit) hits.resize(list.limit);
    // A reference that was erased while the search ran must not leave it.
    const auto gone = std::erase_if(hits, [&](const Hit& hit) {
      auto id = segments[hit.segment]->live_id(hit.row);
      if (!id) return true;
      ids.push_back(std::move(*id));
      return false;
    });
    if (gone > 0 && (cut || list.fuse)) {
      // Erasures made room for others that the limit, or their subject, had kept out.
      pass.run();
      continue;
    }
    move_to(result.ids, ids);
    result.hits.insert(result.hits.end(), hits.begin(), hits.end());
    result.offsets.push_back(result.hits.size());
    result.found.push_back(found - gone);
    result.examined.push_back(pass.examined());
    result.remarks.push_back(remarks);
    result.generation.push_back(current->generation);
    ++probe;
  }
  result.segments = segments;
}

Pairs Gallery::pairs(const SearchRequest& request) const {
  begin_search(*request.matcher);
  SearchRequest unlimited = request;
  unlimited.list = {};
  const Inside inside(gate_);
  const auto current = snapshot();
  const uint32_t probes = request.matcher->probes();
  Pass pass(unlimited, current->segments, 0, probes);
  pass.run();
  Pairs found = pairs_of(pass, current->segments, probes);
  found.generation = current->generation;
  return found;
}

}  // namespace prum
