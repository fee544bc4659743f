#include "police_record/pseudonyms/hmac.hpp"

#include <algorithm>
#include <bit>

#include "engine/error.hpp"

namespace prum::police {
namespace {

constexpr size_t block_bytes = 64;

constexpr std::array<uint32_t, 64> constants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr std::array<uint32_t, 8> initial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

uint32_t load(const uint8_t* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

void store(uint32_t word, uint8_t* at) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<uint8_t>(word >> (24 - 8 * i));
}

}  // namespace

void overwrite(void* memory, size_t bytes) {
  std::fill_n(static_cast<uint8_t*>(memory), bytes, uint8_t{0});
  asm volatile("" : : "r"(memory) : "memory");
}

void Hmac::compress(State& state, const uint8_t* block) {
  std::array<uint32_t, 64> w;
  for (size_t i = 0; i < 16; ++i) w[i] = load(block + 4 * i);
  for (size_t i = 16; i < 64; ++i) {
    const uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) +
           (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (size_t i = 0; i < 64; ++i) {
    const uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i];
    const uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  const State mixed{a, b, c, d, e, f, g, h};
  for (size_t i = 0; i < state.size(); ++i) state[i] += mixed[i];
}

Digest Hmac::finish(State state, std::string_view message) {
  const uint64_t bits = 8 * (block_bytes + message.size());
  for (; message.size() >= block_bytes; message.remove_prefix(block_bytes)) {
    compress(state, reinterpret_cast<const uint8_t*>(message.data()));
  }
  std::array<uint8_t, 2 * block_bytes> last{};
  std::copy(message.begin(), message.end(), last.begin());
  last[message.size()] = 0x80;
  const size_t end = message.size() + 9 > block_bytes ? 2 * block_bytes : block_bytes;
  store(static_cast<uint32_t>(bits >> 32), &last[end - 8]);
  store(static_cast<uint32_t>(bits), &last[end - 4]);
  for (size_t at = 0; at < end; at += block_bytes) compress(state, &last[at]);
  Digest out;
  for (size_t i = 0; i < state.size(); ++i) store(state[i], &out[4 * i]);
  return out;
}

Hmac::State Hmac::state_of(std::string_view key, uint8_t pad) {
  // Derived keys are 32 bytes; RFC 2104 would hash a longer one.
  if (key.size() > block_bytes)
    throw Error(ErrorKind::invalid_input, "bad_shape", "the key is longer than 64 bytes");
  std::array<uint8_t, block_bytes> block{};
  std::copy(key.begin(), key.end(), block.begin());
  for (uint8_t& byte : block) byte ^= pad;
  State state = initial;
  compress(state, block.data());
  overwrite(block.data(), block.size());
  return state;
}

Hmac::Hmac(std::string_view key) : inner_(state_of(key, 0x36)), outer_(state_of(key, 0x5c)) {}

Digest Hmac::digest(std::string_view message) const {
  const Digest inside = finish(inner_, message);
  return finish(outer_, {reinterpret_cast<const char*>(inside.data()), inside.size()});
}

void Hmac::forget() {
  overwrite(&inner_, sizeof inner_);
  overwrite(&outer_, sizeof outer_);
}

}  // namespace prum::police
