// Coding of one vector. Included inside an anonymous namespace of each implementation; the lanes
// are fixed, so that the codes are the same on every machine.

// All of this is inlined; no vector crosses an interface.
#pragma GCC diagnostic ignored "-Wpsabi"

typedef float Lanes __attribute__((vector_size(64)));
typedef int32_t IntLanes __attribute__((vector_size(64)));
typedef uint8_t ByteLanes __attribute__((vector_size(16)));
typedef uint64_t WideLanes __attribute__((vector_size(64)));
typedef uint32_t HalfLanes __attribute__((vector_size(32)));

static constexpr uint32_t lanes = 16;

// Lanes swapped by halves, by quarters within each half, and so on.
static inline Lanes swapped8(const Lanes& v) {
  return __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
}
static inline Lanes swapped4(const Lanes& v) {
  return __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
}
static inline Lanes swapped2(const Lanes& v) {
  return __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}
static inline Lanes swapped1(const Lanes& v) {
  return __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
}

static inline float lane_sum(const Lanes& all) {
  Lanes v = all;
  v += swapped8(v);
  v += swapped4(v);
  v += swapped2(v);
  v += swapped1(v);
  return v[0];
}

static inline Lanes larger(const Lanes& a, const Lanes& b) { return a > b ? a : b; }

static inline float lane_max(const Lanes& all) {
  Lanes v = all;
  v = larger(v, swapped8(v));
  v = larger(v, swapped4(v));
  v = larger(v, swapped2(v));
  v = larger(v, swapped1(v));
  return v[0];
}

static inline Lanes lanes_at(const float* at) {
  Lanes v;
  __builtin_memcpy(&v, at, sizeof v);
  return v;
}

static inline void store(float* at, const Lanes& v) { __builtin_memcpy(at, &v, sizeof v); }

// In-place Hadamard transform of n numbers, a power of two from 64 up, times `scale`.
static void hadamard(float* x, uint32_t n, float scale) {
  for (uint32_t stride = n / 2; stride >= lanes; stride /= 2) {
    for (uint32_t block = 0; block < n; block += 2 * stride) {
      for (uint32_t at = block; at < block + stride; at += lanes) {
        const Lanes a = lanes_at(x + at), b = lanes_at(x + at + stride);
        store(x + at, a + b);
        store(x + at + stride, a - b);
      }
    }
  }
  constexpr Lanes by8 = {1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1};
  constexpr Lanes by4 = {1, 1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1};
  constexpr Lanes by2 = {1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1};
  constexpr Lanes by1 = {1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1};
  for (uint32_t at = 0; at < n; at += lanes) {
    Lanes v = lanes_at(x + at);
    v = v * by8 + swapped8(v);
    v = v * by4 + swapped4(v);
    v = v * by2 + swapped2(v);
    v = v * by1 + swapped1(v);
    store(x + at, v * scale);
  }
}

// An orthogonal map that spreads the size of a vector evenly over its components: sixteen levels
// then code any vector equally well, in any coordinates of its model. Inner products stay;
// the rounding of at most 28 steps is within the slacks of the bounds.
static void rotate(float* x, uint32_t n, const float* signs) {
  for (uint32_t at = 0; at < n; at += lanes) store(x + at, lanes_at(x + at) * lanes_at(signs + at));
  const uint32_t part = 1u << (31 - __builtin_clz(n));
  const float scale = 1 / __builtin_sqrtf(static_cast<float>(part));
  hadamard(x, part, scale);
  if (part < n) hadamard(x + n - part, part, scale);
}

// A bound of the norm from a sum of squares in floats of a vector scaled to a largest component
// in [1, 2): at most 256 additions a lane, and the roundings of rotation and residuals, stay below
// these slacks.
static inline float norm_bound(float squares, float norm) {
  return __builtin_sqrtf(squares) * (1 + 0x1p-15f) + norm * 0x1p-18f;
}

static inline IntLanes code_of(const Lanes& x, float per_step) {
  Lanes t = x * per_step + 128.0f;
  t = t < 0.0f ? t - t : t;
  t = t > 255.5f ? t - t + 255.5f : t;
  return __builtin_convertvector(t, IntLanes);  // truncates, which is floor here
}

static float largest_size(const float* x, uint32_t n) {
  Lanes most = {};
  for (uint32_t at = 0; at < n; at += lanes) {
    const Lanes v = lanes_at(x + at);
    most = larger(most, v < 0.0f ? -v : v);
  }
  return lane_max(most);
}

// Sixteen steps that end a little before the largest component. Clipping the few beyond makes the
// high nibbles better by a twentieth and both together worse by a third; on a million vectors of
// 512 dimensions a single search takes the same time from 0.9 to 1, a batch is fastest near this.
static inline float step_for(float largest) { return largest * 0.95f / 8; }

// Eight groups at a time.
static void pack_nibbles(const uint8_t* codes, uint32_t groups, VectorCode& code) {
  for (uint32_t g = 0; g < groups; g += 8) {
    WideLanes w;
    __builtin_memcpy(&w, codes + size_t{g} * 8, sizeof w);
    const WideLanes high = (w >> 4 & 0x0F0F0F0F) | (w >> 32 & 0xF0F0F0F0);
    const WideLanes low = (w & 0x0F0F0F0F) | (w >> 28 & 0xF0F0F0F0);
    const HalfLanes high_half = __builtin_convertvector(high, HalfLanes);
    const HalfLanes low_half = __builtin_convertvector(low, HalfLanes);
    __builtin_memcpy(code.high + size_t{g} * 4, &high_half, sizeof high_half);
    __builtin_memcpy(code.low + size_t{g} * 4, &low_half, sizeof low_half);
  }
}

static void encode(const float* vector, const float* mean, const float* signs, uint32_t d,
                   uint32_t groups, VectorCode& code) {
  const uint32_t n = groups * 8;
  alignas(64) float x[max_dimension + 64];
  alignas(64) uint8_t codes[max_dimension + 64];
  for (uint32_t j = 0; j < d; ++j) x[j] = mean == nullptr ? vector[j] : vector[j] - mean[j];
  for (uint32_t j = d; j < n; ++j) x[j] = 0;
  const float largest = largest_size(x, n);
  // The mean itself, or so near that the scale below would overflow. A step of zero stands for the
  // mean; the error is less than the square root of 4096 times this bound.
  constexpr float near = 0x1p-100f;
  if (largest < near) {
    __builtin_memset(codes, 0, n);
    pack_nibbles(codes, groups, code);
    code.step = code.coarse_norm = code.fine_norm = 0;
    code.coarse_error = code.fine_error = code.tail_error = largest == 0 ? 0 : 64 * near;
    return;
  }
  // A power of two changes nothing but keeps the squares below away from under- and overflow.
  int exponent;
  __builtin_frexpf(largest, &exponent);
  const float unit = __builtin_ldexpf(1, exponent - 1), scale = 1 / unit;
  for (uint32_t at = 0; at < n; at += lanes) store(x + at, lanes_at(x + at) * scale);
  rotate(x, n, signs);

  const float step = step_for(largest_size(x, n));
  Lanes head_rest = {}, tail_rest = {}, coarse = {}, fine_rest = {}, fine = {};
  const uint32_t head = head_groups(groups) * 8;
  for (uint32_t at = 0; at < n; at += lanes) {
    const Lanes v = lanes_at(x + at);
    const IntLanes c = code_of(v, 16 / step);
    const ByteLanes bytes = __builtin_convertvector(c, ByteLanes);
    __builtin_memcpy(codes + at, &bytes, sizeof bytes);
    const Lanes y4 = (__builtin_convertvector(c >> 4, Lanes) - 7.5f) * step;
    const Lanes y8 = (__builtin_convertvector(c, Lanes) - 127.5f) * (step / 16);
    coarse += y4 * y4;
    (at < head ? head_rest : tail_rest) += (v - y4) * (v - y4);
    fine += y8 * y8;
    fine_rest += (v - y8) * (v - y8);
  }
  pack_nibbles(codes, groups, code);
  code.step = step * unit;
  const float y4 = __builtin_sqrtf(lane_sum(coarse)), y8 = __builtin_sqrtf(lane_sum(fine));
  const float norm = y8 + __builtin_sqrtf(lane_sum(fine_rest));  // at least that of x
  code.coarse_norm = norm_bound(lane_sum(coarse), norm) * unit;
  code.fine_norm = norm_bound(lane_sum(fine), norm) * unit;
  code.coarse_error = norm_bound(lane_sum(head_rest + tail_rest), norm + y4) * unit;
  code.tail_error = norm_bound(lane_sum(tail_rest), norm + y4) * unit;
  code.fine_error = norm_bound(lane_sum(fine_rest), norm + y8) * unit;
}
