/* The model of opponent.py in C: `plain` translated line by line, `tuned` with all that a good programmer would take out
   of the loop: the state in registers, the resting bursts once a subject, one exponential for a choice between two. */
#include "shared.h"

typedef struct {
    double alpha_v, alpha_a, leak, beta, k_neg, hyperactivity, nmda, burst_gain;
} Parameters;
typedef struct {
    double win[2];
} Task;
typedef struct {
    BEHAVIOUR;
    float rpe, burst, dopamine;
} Row;
typedef struct {
    int64_t steps, terminated;
    double outcome;
    int64_t actions[2];
    double rpe, burst, dopamine;
} Sums;
typedef struct {
    double V, G[2], N[2];
} State;
typedef struct {
    double rpe, burst, dopamine;
} Signals;

static inline double bursts(const Parameters *p, double x) {
    return p->nmda * logistic((p->hyperactivity + x - 1.876) / 0.725);
}

static inline Signals learn(const Parameters *p, State *w, int a, double r, double rest) {
    double delta = r - w->V;
    double burst = bursts(p, p->k_neg * negative(delta));
    double dopamine = delta - p->burst_gain * (burst - rest);
    w->V += p->alpha_v * dopamine;
    w->G[a] += p->alpha_a * positive(dopamine) - p->leak * w->G[a];
    w->N[a] += p->alpha_a * negative(dopamine) - p->leak * w->N[a];
    return (Signals){delta, burst, dopamine};
}

static inline void keep(Row *row, int32_t i, int32_t t, int a, double r, Signals y) {
    *row = (Row){.subject = i, .trial = t, .action = (int16_t)a, .outcome = (float)r, .terminated = 1,
                 .rpe = (float)y.rpe, .burst = (float)y.burst, .dopamine = (float)y.dopamine};
}

static inline void tally(Sums *s, int a, double r, Signals y) {
    s->steps++, s->terminated++, s->outcome += r, s->actions[a]++;
    s->rpe += y.rpe, s->burst += y.burst, s->dopamine += y.dopamine;
}

static inline void run_plain(const Parameters *P, const Task *q, uint64_t seed, int64_t n, int64_t trials, Row *rows,
                             Sums *sums, int record) {
    for (int64_t i = 0; i < n; i++) {
        const Parameters *p = P + i;
        uint64_t choices = stream_key(seed, 0, i), outcomes = stream_key(seed, 1, i);
        State w = {0};
        for (int64_t t = 0; t < trials; t++) {
            double z[2];
            for (int a = 0; a < 2; a++) z[a] = p->beta * (w.G[a] - w.N[a]);
            int a = softmax(z, 2, draw(choices, t));
            double r = draw(outcomes, t * TRIAL_STRIDE) < q->win[a] ? 1.0 : 0.0;
            Signals y = learn(p, &w, a, r, bursts(p, 0.0));
            tally(sums + i, a, r, y);
            if (record) keep(rows++, i, t, a, r, y);
        }
    }
}

static inline void run_tuned(const Parameters *P, const Task *q, uint64_t seed, int64_t n, int64_t trials, Row *rows,
                             Sums *sums, int record) {
    for (int64_t i = 0; i < n; i++) {
        const Parameters p = P[i];
        const Task win = *q;
        const double rest = bursts(&p, 0.0);
        uint64_t choices = stream_key(seed, 0, i), outcomes = stream_key(seed, 1, i);
        State w = {0};
        Sums s = {0};
        for (int64_t t = 0; t < trials; t++) {
            double gap = p.beta * ((w.G[1] - w.N[1]) - (w.G[0] - w.N[0]));
            int a = draw(choices, t) * (1.0 + exp(gap)) >= 1.0;
            double r = draw(outcomes, t * TRIAL_STRIDE) < win.win[a] ? 1.0 : 0.0;
            Signals y = learn(&p, &w, a, r, rest);
            tally(&s, a, r, y);
            if (record) keep(rows++, i, t, a, r, y);
        }
        sums[i] = s;
    }
}

ENTRY(plain)
ENTRY(tuned)

/* ---- 16 subjects in SIMD lanes: no branches, selects instead, and an exponential that the compiler can put in lanes. */
#ifndef __FAST_MATH__
#define LANES 16

typedef union {
    double value;
    int64_t bits;
} Double;

/* exp(x) for |x| below 708: 2^k·exp(f) with |f| ≤ ln 2 / 2 and the Taylor series to f^13; within 1 unit in the last place. */
static inline double lane_exp(double x) {
    const double shift = 6755399441055744.0; /* 1.5·2^52: what is added to it is rounded to a whole number */
    x = x < -708.0 ? -708.0 : x > 708.0 ? 708.0 : x;
    Double k = {.value = x * 1.4426950408889634 + shift};
    double whole = k.value - shift;
    double f = (x - whole * 0x1.62e42fefa3800p-1) - whole * 0x1.ef35793c76730p-45;
    double e = 1.0 / 6227020800.0;
    e = e * f + 1.0 / 479001600.0, e = e * f + 1.0 / 39916800.0, e = e * f + 1.0 / 3628800.0;
    e = e * f + 1.0 / 362880.0, e = e * f + 1.0 / 40320.0, e = e * f + 1.0 / 5040.0, e = e * f + 1.0 / 720.0;
    e = e * f + 1.0 / 120.0, e = e * f + 1.0 / 24.0, e = e * f + 1.0 / 6.0, e = e * f + 0.5, e = e * f + 1.0;
    e = e * f + 1.0;
    Double power = {.bits = (k.bits - 0x4338000000000000ll + 1023) << 52};
    return e * power.value;
}

typedef struct {
    double alpha_v[LANES], alpha_a[LANES], leak[LANES], beta[LANES], k_neg[LANES], hyperactivity[LANES], nmda[LANES],
        burst_gain[LANES], rest[LANES];
    double V[LANES], G0[LANES], G1[LANES], N0[LANES], N1[LANES];
    double outcome[LANES], ones[LANES], rpe[LANES], burst[LANES], dopamine[LANES];
    uint64_t choices[LANES], outcomes[LANES];
} Block;

typedef struct {
    double action[LANES], outcome[LANES], rpe[LANES], burst[LANES], dopamine[LANES];
} Trial;

static void load(Block *b, const Parameters *P, uint64_t seed, int64_t first, int64_t used) {
    *b = (Block){0};
    for (int l = 0; l < LANES; l++) {
        const Parameters p = P[first + (l < used ? l : 0)];
        b->alpha_v[l] = p.alpha_v, b->alpha_a[l] = p.alpha_a, b->leak[l] = p.leak, b->beta[l] = p.beta;
        b->k_neg[l] = p.k_neg, b->hyperactivity[l] = p.hyperactivity, b->nmda[l] = p.nmda;
        b->burst_gain[l] = p.burst_gain, b->rest[l] = bursts(&p, 0.0);
        b->choices[l] = stream_key(seed, 0, first + l), b->outcomes[l] = stream_key(seed, 1, first + l);
    }
}

static inline void trial_in_lanes(Block *restrict b, const Task win, uint64_t t, Trial *restrict out) {
#pragma omp simd
    for (int l = 0; l < LANES; l++) {
        double gap = b->beta[l] * ((b->G1[l] - b->N1[l]) - (b->G0[l] - b->N0[l]));
        double a = draw(b->choices[l], t) * (1.0 + lane_exp(gap)) >= 1.0 ? 1.0 : 0.0;
        double chance = a > 0.0 ? win.win[1] : win.win[0];
        double r = draw(b->outcomes[l], t * TRIAL_STRIDE) < chance ? 1.0 : 0.0;
        double delta = r - b->V[l];
        double x = b->k_neg[l] * negative(delta);
        double burst = b->nmda[l] / (1.0 + lane_exp((1.876 - b->hyperactivity[l] - x) / 0.725));
        double dopamine = delta - b->burst_gain[l] * (burst - b->rest[l]);
        double up = b->alpha_a[l] * positive(dopamine), down = b->alpha_a[l] * negative(dopamine);
        b->V[l] += b->alpha_v[l] * dopamine;
        b->G0[l] += a > 0.0 ? 0.0 : up - b->leak[l] * b->G0[l];
        b->G1[l] += a > 0.0 ? up - b->leak[l] * b->G1[l] : 0.0;
        b->N0[l] += a > 0.0 ? 0.0 : down - b->leak[l] * b->N0[l];
        b->N1[l] += a > 0.0 ? down - b->leak[l] * b->N1[l] : 0.0;
        b->outcome[l] += r, b->ones[l] += a, b->rpe[l] += delta, b->burst[l] += burst, b->dopamine[l] += dopamine;
        out->action[l] = a, out->outcome[l] = r, out->rpe[l] = delta, out->burst[l] = burst, out->dopamine[l] = dopamine;
    }
}

static inline void run_lanes(const Parameters *P, const Task *q, uint64_t seed, int64_t n, int64_t trials, Row *rows,
                             Sums *sums, int record) {
    const Task win = *q;
    for (int64_t first = 0; first < n; first += LANES) {
        int64_t used = n - first < LANES ? n - first : LANES;
        Block b;
        Trial out;
        load(&b, P, seed, first, used);
        for (int64_t t = 0; t < trials; t++) {
            trial_in_lanes(&b, win, t, &out);
            for (int l = 0; record && l < used; l++)
                keep(rows + (first + l) * trials + t, first + l, t, (int)out.action[l], out.outcome[l],
                     (Signals){out.rpe[l], out.burst[l], out.dopamine[l]});
        }
        for (int l = 0; l < used; l++)
            sums[first + l] = (Sums){trials, trials, b.outcome[l], {trials - (int64_t)b.ones[l], (int64_t)b.ones[l]},
                                     b.rpe[l], b.burst[l], b.dopamine[l]};
    }
}

ENTRY(lanes)
#endif
