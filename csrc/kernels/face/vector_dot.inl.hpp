// Norms and exact inner products. Included inside an anonymous namespace of each implementation.
//
// The product of two floats is exact in a double. Sums of products carry their rounding errors
// along (TwoSum, Knuth; Ogita, Rump and Oishi 2005), so the result is known to about 2^-100. If
// every number that near rounds to the same double, that double is the answer; else, which is one
// case in a thousand millions for data that are not made up, the sum is taken exactly.

typedef double Doubles __attribute__((vector_size(64)));
typedef float EightFloats __attribute__((vector_size(32)));

static inline Doubles doubles_at(const float* at) {
  EightFloats v;
  __builtin_memcpy(&v, at, sizeof v);
  return __builtin_convertvector(v, Doubles);
}

// The last n < 8 components, zeros behind them.
static inline Doubles doubles_at(const float* at, uint32_t n) {
  float padded[8] = {};
  __builtin_memcpy(padded, at, n * sizeof(float));
  return doubles_at(padded);
}

static double square_norm(const float* x, uint32_t n) {
  Doubles sums[2] = {};
  uint32_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const Doubles a = doubles_at(x + i), b = doubles_at(x + i + 8);
    sums[0] += a * a;
    sums[1] += b * b;
  }
  for (; i < n; i += 8) {
    const Doubles a = n - i >= 8 ? doubles_at(x + i) : doubles_at(x + i, n - i);
    sums[0] += a * a;
  }
  const Doubles all = sums[0] + sums[1];
  double sum = 0;
  for (int k = 0; k < 8; ++k) sum += all[k];
  return sum;
}

// Adds x to sum and returns the rounding error, exactly.
template <class T>
static inline T two_sum(T& sum, const T& x) {
  const T before = sum;
  sum = before + x;
  const T part = sum - before;
  return (before - (sum - part)) + (x - part);
}

// The exact sum of products, rounded once to nearest even (Shewchuk 1997, as in Python's
// math.fsum). Products span 2^-298 to 2^256 and parts do not overlap, which bounds their number.
static double exact_sum(const float* a, const float* b, uint32_t n) {
  double parts[640];
  uint32_t count = 0;
  for (uint32_t j = 0; j < n; ++j) {
    double x = static_cast<double>(a[j]) * b[j];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; ++i) {
      const double error = two_sum(x, parts[i]);
      if (error != 0) parts[kept++] = error;
    }
    count = kept;
    if (x != 0) parts[count++] = x;
  }
  if (count == 0) return 0;
  double high = parts[--count], low = 0;
  while (count > 0 && low == 0) low = two_sum(high, parts[--count]);
  // A remainder of half a unit is a tie only if nothing follows it.
  if (count > 0 && low != 0 && (low < 0) == (parts[count - 1] < 0)) {
    const double twice = 2 * low, next = high + twice;
    if (next - high == twice) high = next;
  }
  return high;
}

static double exact_dot(const float* a, const float* b, uint32_t n, double norms) {
  Doubles sums[2] = {}, errors[2] = {};
  uint32_t i = 0;
  for (; i + 16 <= n; i += 16) {
    errors[0] += two_sum(sums[0], Doubles(doubles_at(a + i) * doubles_at(b + i)));
    errors[1] += two_sum(sums[1], Doubles(doubles_at(a + i + 8) * doubles_at(b + i + 8)));
  }
  for (; i < n; i += 8) {
    const bool whole = n - i >= 8;
    const Doubles x = whole ? doubles_at(a + i) : doubles_at(a + i, n - i);
    const Doubles y = whole ? doubles_at(b + i) : doubles_at(b + i, n - i);
    errors[0] += two_sum(sums[0], Doubles(x * y));
  }
  errors[0] += two_sum(sums[0], sums[1]) + errors[1];
  double part[8], lost[8];
  __builtin_memcpy(part, &sums[0], sizeof part);
  __builtin_memcpy(lost, &errors[0], sizeof lost);
  for (int half = 4; half > 0; half /= 2) {
    for (int k = 0; k < half; ++k) lost[k] += two_sum(part[k], part[k + half]) + lost[k + half];
  }
  double sum = part[0];
  const double rest = two_sum(sum, lost[0]);
  // Each error is at most a rounding unit of a partial sum, each sum of errors loses at most
  // another: n^2 u^2 of the sum of sizes, which the norms bound.
  const double terms = n + 64.0;
  const double slack = 2 * terms * terms * 0x1p-106 * norms;
  const bool certain = sum + (rest + slack) == sum && sum + (rest - slack) == sum;
  return certain ? sum : exact_sum(a, b, n);
}
