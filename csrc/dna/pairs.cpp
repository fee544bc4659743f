#include "dna/pairs.hpp"

#include <algorithm>

#include "engine/pool.hpp"
#include "engine/tier.hpp"
#include "engine/watch.hpp"

namespace prum::dna {
namespace {

constexpr uint32_t tile = 4096;  // profiles of one side: 24 loci x 2 x 4096 bytes stay in L2

// Counts the pairs (row, first .. end) into four histograms by turns, so that equal neighbours
// do not wait for one another's increment.
void count(const uint8_t* full, const uint8_t* partial, uint32_t n, uint32_t width,
           std::vector<int64_t>& histograms) {
  const size_t cells = size_t{width} * width;
  int64_t* h = histograms.data();
  uint32_t i = 0;
  for (; i + 4 <= n; i += 4) {
    ++h[full[i] * width + partial[i]];
    ++h[cells + full[i + 1] * width + partial[i + 1]];
    ++h[2 * cells + full[i + 2] * width + partial[i + 2]];
    ++h[3 * cells + full[i + 3] * width + partial[i + 3]];
  }
  for (; i < n; ++i) ++h[full[i] * width + partial[i]];
}

}  // namespace

std::vector<int64_t> match_matrix(const std::vector<const uint8_t*>& low,
                                  const std::vector<const uint8_t*>& high, uint32_t n,
                                  unsigned threads) {
  const auto loci = static_cast<uint32_t>(low.size());
  const uint32_t width = loci + 1;
  const size_t cells = size_t{width} * width;
  std::vector<PairColumn> columns(loci);
  for (uint32_t l = 0; l < loci; ++l) columns[l] = {low[l], high[l]};
  const Kernels& kernels = kernels_in_use();
  const uint32_t tiles = (n + tile - 1) / tile;
  std::vector<std::vector<int64_t>> histograms(std::max(1u, threads),
                                               std::vector<int64_t>(4 * cells, 0));
  // Task (i, j), i <= j: profiles of tile i against later profiles of tile j.
  parallel_for(size_t{tiles} * tiles, threads, [&](size_t task, unsigned worker) {
    const auto i = static_cast<uint32_t>(task / tiles), j = static_cast<uint32_t>(task % tiles);
    if (i > j) return;
    alignas(64) uint8_t full[tile + 64];
    alignas(64) uint8_t partial[tile + 64];
    const uint32_t end = std::min(n, (j + 1) * tile);
    Pulse<16> pulse;
    for (uint32_t row = i * tile; row < std::min(n, (i + 1) * tile); ++row) {
      const uint32_t begin = std::max(row + 1, j * tile);
      if (begin >= end) continue;
      pulse();
      kernels.shared(columns.data(), loci, row, begin, end, full, partial);
      count(full, partial, end - begin, width, histograms[worker]);
    }
  });
  std::vector<int64_t> total(cells, 0);
  for (const auto& h : histograms) {
    for (size_t c = 0; c < 4 * cells; ++c) total[c % cells] += h[c];
  }
  return total;
}

}  // namespace prum::dna
