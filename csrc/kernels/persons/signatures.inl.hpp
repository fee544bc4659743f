// Signatures of spellings, for the compiler to put into lanes. Included inside an anonymous
// namespace of each implementation.

static void hopeful_signatures(const SignatureProbe& probe, const uint64_t* bags,
                               const uint64_t* parts, uint32_t n, uint8_t* flags) {
  const uint64_t bag = probe.bag, shared = probe.parts, bits = probe.bits;
  const uint64_t shortest = probe.letters - 3;  // wraps around, as differences from it do
  for (uint32_t i = 0; i < n; ++i) {
    const uint64_t difference = (parts[i] >> 56) - shortest;
    const uint64_t byte = difference < 7 ? difference : 7;
    const uint64_t most = bits >> 8 * byte & 255;
    const auto changed = static_cast<uint64_t>(__builtin_popcountll(bags[i] ^ bag));
    const bool near = changed < most, share = (parts[i] & shared) != 0;
    flags[i] |= static_cast<uint8_t>(near | share);
  }
}
