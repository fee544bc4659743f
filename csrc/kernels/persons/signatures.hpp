// Signatures of spellings: the data of their kernel.
//
// A bag has a bit for each letter that occurs, a second one if the letter occurs twice, and one for
// each digit, so an edit changes two bits at most. Parts have bits for parts that are long enough,
// in the lower 56, and the number of letters above them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prum {

// The test for spellings that can be within the edits, or share a part. Lengths differ by 3 at
// most. Byte 3 + difference of `bits` is 1 + the number of bits of the bag that may differ, or 0
// where no spelling of that length qualifies; byte 7 is 0.
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
