// Keys of symbols, for plates and chassis numbers: the data of their kernels.
//
// 64 keys of one length form a block: a line of 64 bytes for each symbol. A symbol is a code below
// 64, so one look-up in a table of 64 bytes gives the costs of all symbols of a line.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prum {

inline constexpr uint32_t block_keys = 64;
inline constexpr uint32_t longest_read = 16;  // symbols of a probe that is read with errors
inline constexpr uint32_t longest_key = 30;
inline constexpr uint32_t state_bytes =
    4;  // of a pattern: a bit for each place, one more than symbols

struct alignas(64) SymbolTable {
  uint8_t at[64];
};

// The edit distance of a read to keys of one length, in units so coarse that 255 is out of reach,
// each price rounded down: a lower bound of the distance in its own units.
//
// Cell j behind i symbols of a key lies on diagonal j - i. A cell far from the middle cannot
// matter, because its diagonal costs the edits that lead there and back.
struct EditTable {
  uint32_t read;                    // symbols of the read
  uint32_t symbols;                 // symbols of a key
  const SymbolTable* substitution;  // [read] of a key's symbol by this one of the read
  const SymbolTable* deletion;      // one: a symbol of the key that the read lacks
  const uint8_t* insertion;         // [read] symbols that the key lacks, inside it
  const uint8_t* trailing;          // [read] the same behind its last symbol
  const uint8_t* leading;           // [read + 1] sums of the same before its first symbol
  int32_t lowest;                   // the first diagonal that can matter
  int32_t highest;
  const uint8_t*
      left;  // [symbols + read + 1] the least to come, by diagonal; -symbols is the first
  const uint8_t* near_left;  // the same behind the first symbols of a key, `near` of them
  uint32_t near;
  uint8_t most;
};

// A pattern as an automaton: place k is behind k symbols of the pattern.
struct PatternTable {
  uint32_t bytes;                   // that a state has, 1 to state_bytes
  SymbolTable enters[state_bytes];  // places that a symbol leads to, from the one before
  uint8_t stays[state_bytes];       // places where any symbol may be passed over: stars
  uint8_t last[state_bytes];        // the place behind the last symbol
};

struct SymbolKernels {
  // Which keys of a block are these symbols, from symbol `first` on.
  uint64_t (*equal)(const uint8_t* block, const uint8_t* symbols, uint32_t first, uint32_t n);
  // Which keys of a block may be within the most that a distance can be.
  uint64_t (*within)(const EditTable& table, const uint8_t* block);
  // One symbol more: the cells behind `depth` symbols that all share, and up to 64 different next
  // symbols. Writes the cells of each, cell by cell, 64 bytes apart, inside the band of depth + 1.
  uint64_t (*extend)(const EditTable& table, uint32_t depth, const uint8_t* cells,
                     const uint8_t* symbols, uint8_t* next);
  // Which keys of blocks fit a pattern.
  void (*match)(const PatternTable& table, const uint8_t* blocks, uint32_t symbols, uint32_t n,
                uint64_t* keys);
};

}  // namespace prum
