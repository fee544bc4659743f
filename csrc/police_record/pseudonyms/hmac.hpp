// HMAC-SHA256 (FIPS 180-4, RFC 2104) of short messages under one key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace prum::police {

// Fills memory with zeros; the compiler cannot drop the writes, though nothing reads them.
void overwrite(void* memory, size_t bytes);

using Digest = std::array<uint8_t, 32>;

// A pseudonym takes two digests of a dozen bytes. From Python each costs 3 us, most of it for the
// call. Here the states hold the key already, so a digest is two blocks of SHA-256.
class Hmac {
 public:
  explicit Hmac(std::string_view key);
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;
  ~Hmac() { forget(); }

  Digest digest(std::string_view message) const;
  // Overwrites the states, from which the key could be found; later digests are worthless.
  void forget();

 private:
  using State = std::array<uint32_t, 8>;

  static void compress(State& state, const uint8_t* block);
  // The digest of a first block that `state` holds, and of the message behind it.
  static Digest finish(State state, std::string_view message);
  static State state_of(std::string_view key, uint8_t pad);

  State inner_;
  State outer_;
};

}  // namespace prum::police
