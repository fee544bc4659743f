#include "vehicle/matcher.hpp"

#include <algorithm>
#include <compare>

#include "engine/watch.hpp"
#include "vehicle/key_index.hpp"

namespace prum::vehicle {
namespace {

// Queries of a kind that are answered side by side.
constexpr uint32_t together = 64;
// Rows that stay in cache while all patterns look at them.
constexpr uint32_t swept_together = 1u << 16;

// Rows [begin, end) of a segment, by its indexes.
class Tile {
 public:
  Tile(const Segment& segment, uint32_t begin, uint32_t end, Sink& sink)
      : begin_(begin),
        end_(end),
        rows_(segment.rows()),
        sink_(&sink),
        of_(segment),
        plates_(segment, "plate", longest_plate),
        backs_(segment, "plate.back", longest_plate),
        has_details_(segment.find_column("details.offsets") != nullptr) {
    // A missing one of the two is reported below.
    if (segment.find_column("vin.lengths") || segment.find_column("vin.place")) {
      vins_.emplace(segment, "vin", longest_vin);
      ends_.emplace(segment, "vin.end", end_symbols);
      const size_t bytes = size_t{rows_} * sizeof(uint32_t);
      vin_of_ = segment.column("vin.place", bytes).as<uint32_t>();
    }
    if (segment.find_column("owner.lengths") || segment.find_column("owner.valid")) {
      owners_.emplace(segment, "owner", owner_symbols);
      const size_t bytes = size_t{owners_->keys()} * sizeof(Register::Interval);
      held_ = segment.column("owner.valid", bytes).as<Register::Interval>();
    }
  }

  // Several queries at once, so that each works while the others wait for memory.
  void search_exact(const std::vector<Query>& queries, uint32_t first, uint32_t last) const {
    std::vector<Reader> readers;
    std::vector<KeyIndex::Descent> plates, vins;
    readers.reserve(2 * together);
    plates.reserve(2 * together);
    for (uint32_t probe = first; probe < last; ++probe) {
      const Exact& query = *std::get_if<Exact>(&queries[probe]);
      if (query.vin && !vins_) continue;
      const KeyIndex& index = query.vin ? *vins_ : plates_;
      for (uint32_t k = 0; k < query.readings(); ++k) {
        const Key& key = query.reading(k).key;
        if (key.n > index.longest()) continue;
        const auto number = static_cast<uint32_t>(readers.size());
        readers.push_back({probe, k, &query});
        (query.vin ? vins : plates).push_back(index.start(key, number));
      }
    }
    std::vector<std::pair<const Reader*, uint32_t>> found;
    const auto look_up = [&](const KeyIndex& index, KeyRange within, auto& descents) {
      index.descend(descents, within);
      for (const KeyIndex::Descent& descent : descents) {
        index.find(descent, [&](uint32_t key) {
          const uint32_t row = checked(index.row(key));
          if (row < begin_ || row >= end_) return;
          of_.expect(row);
          found.emplace_back(&readers[descent.number], row);
        });
      }
    };
    look_up(plates_, {begin_, end_}, plates);
    if (!vins.empty()) look_up(*vins_, {0, vins_->keys()}, vins);
    for (const auto& [reader, row] : found) judge(*reader, row);
  }

  void search(uint32_t probe, const Fuzzy& query) const {
    std::vector<uint32_t> keys;
    query.edit.search(plates_, backs_, {begin_, end_}, keys);
    Pulse<256> pulse;
    for (const uint32_t row : keys) {
      pulse();
      if (!sink_->visible(row) || !query.scope.holds_state(of_, row)) continue;
      const uint32_t cost = query.edit.cost(plates_.part_of(row), row);
      if (cost <= query.edit.most()) offer_dated(probe, query.scope, row, cost);
    }
  }

  // Patterns that have to look at all plates share one pass over memory.
  void search_fitting(const std::vector<Query>& queries, uint32_t first, uint32_t last) const {
    std::vector<uint32_t> sweeping, rows;
    for (uint32_t probe = first; probe < last; ++probe) {
      const Fitting& query = **std::get_if<Boxed<Fitting>>(&queries[probe]);
      if (query.vin) {
        search_vins(probe, query);
      } else if (query.pattern.prefix() == 0) {
        sweeping.push_back(probe);
      } else {
        search_plates(probe, query, {begin_, end_}, rows);
      }
    }
    if (sweeping.empty()) return;
    for (uint32_t from = begin_; from < end_;) {
      const uint32_t to = end_ - from > swept_together ? from + swept_together : end_;
      for (const uint32_t probe : sweeping) {
        check_watch();
        search_plates(probe, **std::get_if<Boxed<Fitting>>(&queries[probe]), {from, to}, rows);
      }
      from = to;
    }
  }

  void search(uint32_t probe, const Query& query) const {
    if (const auto* fuzzy = std::get_if<Boxed<Fuzzy>>(&query)) search(probe, **fuzzy);
    if (const auto* link = std::get_if<Boxed<Link>>(&query)) search(probe, **link);
    if (const auto* owner = std::get_if<Boxed<Owner>>(&query)) search(probe, **owner);
  }

 private:
  void search_plates(uint32_t probe, const Fitting& query, KeyRange within,
                     std::vector<uint32_t>& rows) const {
    rows.clear();
    query.pattern.search(plates_, within, rows);
    Pulse<256> pulse;
    for (const uint32_t row : rows) {
      pulse();
      offer(probe, query, row);
    }
  }

  void offer(uint32_t probe, const Fitting& query, uint32_t row) const {
    if (row < begin_ || row >= end_ || !sink_->visible(row)) return;
    if (query.scope.holds_state(of_, row)) offer_dated(probe, query.scope, row, 0);
  }

  void offer_dated(uint32_t probe, const Scope& scope, uint32_t row, uint32_t cost) const {
    if (scope.holds_time(of_, row)) {
      sink_->offer(probe, row, rank_of(grade_exact, cost), 0);
    } else {
      sink_->remark(probe, remark_other_time);
    }
  }

  void search_vins(uint32_t probe, const Fitting& query) const {
    std::vector<uint32_t> keys;
    if (!vins_) return;
    if (!query.end) {
      query.pattern.search(*vins_, {0, vins_->keys()}, keys);
      for (const uint32_t key : keys) offer(probe, query, checked(vins_->row(key)));
    } else {
      query.end->search(*ends_, {0, ends_->keys()}, keys);
      for (const uint32_t key : keys) {
        const uint32_t row = checked(ends_->row(key)), vin = vin_of(row);
        if (vin < vins_->keys() && query.pattern.fits(vins_->part_of(vin), vin)) {
          offer(probe, query, row);
        }
      }
    }
  }

  void search(uint32_t probe, const Link& query) const {
    const auto same_plate = [&](uint32_t row) {
      return query.plate.key.n > 0 && of_.country(row) == query.country &&
             same_district(query.plate.district, row) && equals(plates_, row, query.plate.key);
    };
    const auto same_vin = [&](uint32_t row) {
      return query.vin.n > 0 && vins_ && vin_of(row) < vins_->keys() &&
             equals(*vins_, vin_of(row), query.vin);
    };
    if (query.plate.key.n > 0) {
      each_row(query.plate.key, false, [&](uint32_t row) {
        if (!same_plate(row)) return;
        sink_->offer(probe, row, rank_of(same_vin(row) ? link_both : link_plate, 0), 0);
      });
    }
    if (query.vin.n > 0) {
      each_row(query.vin, true, [&](uint32_t row) {
        if (!same_plate(row)) sink_->offer(probe, row, rank_of(link_vin, 0), 0);
      });
    }
  }

  void search(uint32_t probe, const Owner& query) const {
    if (!owners_) {
      // Holders are among the details, but earlier versions wrote no index of them.
      if (has_details_) {
        throw Error(ErrorKind::damaged, "no_owner_index",
                    "an earlier version wrote the gallery, without an index of holders and "
                    "owners; compact() makes it");
      }
      return;
    }
    std::vector<KeyIndex::Descent> descents;
    for (const Key& key : query.keys) descents.push_back(owners_->start(key, 0));
    owners_->descend(descents, {0, owners_->keys()});
    struct Held {
      uint32_t row, grade;
      auto operator<=>(const Held&) const = default;
    };
    std::vector<Held> found;
    for (const KeyIndex::Descent& descent : descents) {
      owners_->find(descent, [&](uint32_t key) {
        const uint32_t row = checked(owners_->row(key));
        if (row < begin_ || row >= end_ || !sink_->visible(row)) return;
        if (query.country != 0 && of_.country(row) != query.country) return;
        if (const uint32_t grade = query.date.grade_of(held_[key], grade_exact)) {
          found.push_back({row, grade});
        } else {
          sink_->remark(probe, remark_other_time);
        }
      });
    }
    // A person can be holder and owner, and either of them repeatedly: the best grade counts.
    std::sort(found.begin(), found.end());
    const auto same_row = [](const Held& a, const Held& b) { return a.row == b.row; };
    found.erase(std::unique(found.begin(), found.end(), same_row), found.end());
    for (const auto& [row, grade] : found) sink_->offer(probe, row, rank_of(grade, 0), 0);
  }

  // One of the keys of a query.
  struct Reader {
    uint32_t probe;
    uint32_t k;
    const Exact* query;
  };

  void judge(const Reader& reader, uint32_t row) const {
    const Exact& query = *reader.query;
    if (!sink_->visible(row)) return;
    if (query.country != 0 && of_.country(row) != query.country) return;
    if (!query.vin && !same_district(query.reading(reader.k).district, row)) return;
    const uint32_t grade =
        query.date.grade_of(of_.interval(row), reader.k == 0 ? grade_exact : grade_reading);
    if (grade == 0) {
      sink_->remark(reader.probe, remark_other_time);
    } else {
      sink_->offer(reader.probe, row, rank_of(grade, 0), reader.k);
    }
  }

  uint32_t checked(uint32_t row) const {
    if (row >= rows_) throw_damaged();
    return row;
  }

  uint32_t vin_of(uint32_t row) const { return vin_of_[row]; }

  static bool equals(const KeyIndex& index, uint32_t key, const Key& wanted) {
    const Part part = index.part_of(key);
    if (part.symbols != wanted.n) return false;
    for (uint32_t i = 0; i < wanted.n; ++i) {
      if (part.symbol(key, i) != wanted.symbols[i]) return false;
    }
    return true;
  }

  // Visible rows of the tile that have a key.
  template <class Found>
  void each_row(const Key& key, bool vin, Found found) const {
    if (vin && !vins_) return;
    const KeyIndex& index = vin ? *vins_ : plates_;
    if (key.n > index.longest()) return;
    std::vector<KeyIndex::Descent> descents{index.start(key, 0)};
    index.descend(descents, vin ? KeyRange{0, index.keys()} : KeyRange{begin_, end_});
    for (const KeyIndex::Descent& descent : descents) {
      index.find(descent, [&](uint32_t k) {
        const uint32_t row = checked(index.row(k));
        if (row >= begin_ && row < end_ && sink_->visible(row)) found(row);
      });
    }
  }

  // "B-AB 123" is not "BA-B 123"; a plate without a known end of its district means both.
  bool same_district(uint8_t district, uint32_t row) const {
    const uint8_t other = of_.district(row);
    return district == 0 || other == 0 || district == other;
  }

  uint32_t begin_, end_, rows_;
  Sink* sink_;
  Register of_;
  KeyIndex plates_;
  KeyIndex backs_;
  std::optional<KeyIndex> vins_;
  std::optional<KeyIndex> ends_;
  const uint32_t* vin_of_ = nullptr;
  bool has_details_;
  std::optional<KeyIndex> owners_;
  const Register::Interval* held_ = nullptr;  // by the keys of owners: from when to when
};

}  // namespace

void VehicleMatcher::search(const Segment& segment, uint32_t begin, uint32_t end,
                            uint32_t first_probe, uint32_t last_probe, Sink& sink) const {
  const Tile tile(segment, begin, end, sink);
  Pulse<4> pulse;
  for (uint32_t first = first_probe, last; first < last_probe; first = last) {
    check_watch();
    const size_t kind = queries_[first].index();
    last = first + 1;
    while (last < last_probe && last - first < together && queries_[last].index() == kind) ++last;
    if (std::holds_alternative<Exact>(queries_[first])) {
      tile.search_exact(queries_, first, last);
    } else if (std::holds_alternative<Boxed<Fitting>>(queries_[first])) {
      tile.search_fitting(queries_, first, last);
    } else {
      for (uint32_t probe = first; probe < last; ++probe) {
        pulse();
        tile.search(probe, queries_[probe]);
      }
    }
  }
}

}  // namespace prum::vehicle
