// Signatures of spellings: what the kernel for them works on.
//
// A bag has a bit for each letter that occurs, another one if it occurs twice, and one for each
// digit: an edit changes two bits at most. Parts have bits for parts that are long enough, in the
// lower 56, and above them the number of letters.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prum {

// Which spellings can be within the edits, or share a part. Lengths differ by 3 at most: byte
// 3 + difference of `bits` is one more than the bits of the bag that may differ, 0 where no number
// may; byte 7 is 0.
struct SignatureProbe {
  uint64_t bag;
  uint64_t parts;  // the lower 56
  uint64_t letters;
  uint64_t bits;
};

struct SignatureKernels {
  // Sets flags[i] where spelling i can agree; leaves the others as they are.
  void (*hopeful)(const SignatureProbe& probe, const uint64_t* bags, const uint64_t* parts,
                  uint32_t n, uint8_t* flags);
};

}  // namespace prum
