/* What the models have in common: the draws of habenula_rl.randomness, the shapes of habenula_rl.circuit.nonlinearity,
   and the columns of behaviour in a recorded step (habenula_rl.engine.records.row_type). */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define GOLDEN 0x9E3779B97F4A7C15ull
#define TRIAL_STRIDE (1ull << 28)

static inline uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

static inline uint64_t stream_key(uint64_t seed, uint64_t stream, uint64_t subject) {
    return mix(mix(mix(seed) + (stream + 1) * GOLDEN) + (subject + 1) * GOLDEN);
}

static inline double draw(uint64_t key, uint64_t counter) {
    return (double)(int64_t)(mix(key + (counter + 1) * GOLDEN) >> 11) * (1.0 / 9007199254740992.0);
}

static inline double positive(double x) { return x > 0.0 ? x : 0.0; }
static inline double negative(double x) { return positive(x) - x; } /* [-x]₊ */
static inline double logistic(double x) { return 1.0 / (1.0 + exp(-x)); }
static inline double softplus(double x) { return positive(x) + log(1.0 + exp(x > 0.0 ? -x : x)); }

/* The action whose softmax interval holds u, uniform in [0, 1). */
static inline int softmax(const double *z, int n, double u) {
    double top = z[0], weight[8], total = 0.0;
    for (int a = 1; a < n; a++) top = z[a] > top ? z[a] : top;
    for (int a = 0; a < n; a++) total += weight[a] = exp(z[a] - top);
    u *= total;
    for (int a = 0; a < n - 1; a++) {
        u -= weight[a];
        if (u < 0.0) return a;
    }
    return n - 1;
}

#define BEHAVIOUR                                                                                                      \
    int32_t subject, trial, step;                                                                                      \
    int16_t state, action;                                                                                             \
    float outcome;                                                                                                     \
    int8_t terminated, truncated;                                                                                      \
    int16_t next_state

/* A model's run_<name> as a function for Python: with rows, where there is room for them, or without. */
#define ENTRY(name)                                                                                                    \
    void name(const Parameters *P, const Task *q, uint64_t seed, int64_t n, int64_t trials, Row *rows, Sums *sums) {   \
        if (rows)                                                                                                      \
            run_##name(P, q, seed, n, trials, rows, sums, 1);                                                          \
        else                                                                                                           \
            run_##name(P, q, seed, n, trials, rows, sums, 0);                                                          \
    }
