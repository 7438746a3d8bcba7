/* habenula_rl.HabenulaAgent in habenula_rl.tasks.SucrosePreference in C: `plain` translated line by line, `tuned` with all
   that a good programmer who knows that nothing hurts in this task would take out of the loop. Parameters stand in the
   order in which the agent declares them. */
#include "shared.h"

#define ACTIONS 3
#define PASSIVE 0

typedef struct {
    double hyperactivity, nmda, nmda_power, habenula_output, t_type, t_type_power, hyperpolarisation, burst_drive,
        tonic_drive, dopamine_tone, serotonin_tone, worse_gain, better_gain, punishment_gain, burst_threshold, burst_slope,
        burst_gain, habenula_share, dopamine_half, dopamine_slope, serotonin_half, serotonin_slope, discount, value_rate,
        trace_rate, trace_leak, beta, bias, reflex_go, pavlovian, control_prior, control_rate, control_loss, growth,
        hyperactivity_max;
} Parameters;
typedef struct {
    double free, sucrose, water, delivery, effort;
} Task;
typedef struct {
    double rpe, lhb, burst, dopamine, tonic_dopamine, serotonin, value, control, hyperactivity;
} Signals;
typedef struct {
    BEHAVIOUR;
    float rpe, lhb, burst, dopamine, tonic_dopamine, serotonin, value, control, hyperactivity;
} Row;
typedef struct {
    int64_t steps, terminated;
    double outcome;
    int64_t actions[ACTIONS];
    Signals y;
} Sums;
typedef struct {
    double hyperactivity, control, dip_weight, value, go[ACTIONS], nogo[ACTIONS];
} State;

static inline double bursts_left(double channels, double power) {
    return channels > 0.0 ? exp(power * log(channels)) : 0.0;
}

static inline double channels(const Parameters *p) {
    return bursts_left(p->t_type, p->t_type_power) * bursts_left(p->nmda, p->nmda_power);
}

static inline double burst_share(const Parameters *p, double x, double hyperactivity) {
    return logistic((hyperactivity + x - p->burst_threshold) / p->burst_slope);
}

static inline double bursts_at(const Parameters *p, const State *w, double x, double left) {
    double bursts = left * burst_share(p, x, w->hyperactivity + p->hyperpolarisation);
    return bursts + p->burst_drive * (1.0 - bursts);
}

static inline double output(const Parameters *p, double x, double bursts) {
    return softplus(1.5 * x + 1.0) / softplus(1.0) + p->burst_gain * bursts;
}

static inline double tonic(double bursts, double healthy, double half, double slope) {
    return 0.5 * logistic((half - bursts) / slope) / logistic((half - healthy) / slope);
}

static inline double tonic_dopamine(const Parameters *p, const State *w) {
    double bursts = p->habenula_output * bursts_at(p, w, 0.0, channels(p));
    return p->dopamine_tone * tonic(bursts, burst_share(p, 0.0, 0.0), p->dopamine_half, p->dopamine_slope);
}

static inline double tonic_serotonin(const Parameters *p, const State *w) {
    double bursts = p->habenula_output * bursts_at(p, w, 0.0, channels(p));
    return p->serotonin_tone * tonic(bursts, burst_share(p, 0.0, 0.0), p->serotonin_half, p->serotonin_slope);
}

static inline double pull(const Parameters *p, const State *w, double serotonin) {
    return p->pavlovian * (1.0 - w->control) *
           (positive(w->value) - 2.0 * (1.0 - serotonin) * negative(w->value));
}

static inline void start(const Parameters *p, State *w) {
    double x = p->worse_gain;
    double change = output(p, x, burst_share(p, x, 0.0)) - output(p, 0.0, burst_share(p, 0.0, 0.0));
    *w = (State){.hyperactivity = p->hyperactivity, .control = p->control_prior, .dip_weight = 1.0 / change};
}

static inline void prefer(const Parameters *p, const State *w, double dopamine, double serotonin, double *z) {
    double readiness = p->bias + pull(p, w, serotonin);
    z[PASSIVE] = 0.0;
    for (int a = 1; a < ACTIONS; a++)
        z[a] = 2.0 * p->beta * (dopamine * w->go[a] - (1.0 - dopamine) * w->nogo[a]) + readiness;
}

static inline double visit(const Task *q, uint64_t key, int64_t t, int a) {
    if (a == PASSIVE) return 0.0;
    double drop = a == 1 ? q->sucrose : q->water;
    return (draw(key, t * TRIAL_STRIDE) < q->delivery ? drop : 0.0) - q->effort;
}

static inline void learn(const Parameters *p, State *w, int a, double r, double left, double output_at_rest, Signals *y) {
    double delta = r - w->value;
    double x = p->worse_gain * negative(delta) - p->better_gain * positive(delta);
    double bursts = bursts_at(p, w, x, left);
    double lhb = p->habenula_output * output(p, x + p->tonic_drive, bursts);
    double dip = w->dip_weight * (lhb - output_at_rest);
    double phasic = positive(delta) - (1.0 - p->habenula_share) * negative(delta) - p->habenula_share * dip;
    w->value += p->value_rate * phasic;
    w->go[a] += p->trace_rate * positive(phasic) - p->trace_leak * w->go[a];
    w->nogo[a] += p->trace_rate * negative(phasic) - p->trace_leak * w->nogo[a];
    y->rpe = delta, y->lhb = lhb, y->burst = p->habenula_output * bursts, y->dopamine = phasic;
    y->value = w->value, y->control = w->control, y->hyperactivity = w->hyperactivity;
}

static inline void keep(Row *row, int32_t i, int32_t t, int a, double r, const Signals *y) {
    *row = (Row){.subject = i, .trial = t, .action = (int16_t)a, .outcome = (float)r, .terminated = 1,
                 .rpe = (float)y->rpe, .lhb = (float)y->lhb, .burst = (float)y->burst, .dopamine = (float)y->dopamine,
                 .tonic_dopamine = (float)y->tonic_dopamine, .serotonin = (float)y->serotonin,
                 .value = (float)y->value, .control = (float)y->control, .hyperactivity = (float)y->hyperactivity};
}

static inline void tally(Sums *s, int a, double r, const Signals *y) {
    s->steps++, s->terminated++, s->outcome += r, s->actions[a]++;
    s->y.rpe += y->rpe, s->y.lhb += y->lhb, s->y.burst += y->burst, s->y.dopamine += y->dopamine;
    s->y.tonic_dopamine += y->tonic_dopamine, s->y.serotonin += y->serotonin, s->y.value += y->value;
    s->y.control += y->control, s->y.hyperactivity += y->hyperactivity;
}

static inline void run_plain(const Parameters *P, const Task *q, uint64_t seed, int64_t n, int64_t trials, Row *rows,
                             Sums *sums, int record) {
    for (int64_t i = 0; i < n; i++) {
        const Parameters *p = P + i;
        uint64_t choices = stream_key(seed, 0, i), outcomes = stream_key(seed, 1, i);
        State w;
        start(p, &w);
        for (int64_t t = 0; t < trials; t++) {
            double z[ACTIONS];
            Signals y;
            prefer(p, &w, tonic_dopamine(p, &w), tonic_serotonin(p, &w), z);
            int a = softmax(z, ACTIONS, draw(choices, t));
            double r = visit(q, outcomes, t, a);
            double left = channels(p);
            double at_rest = p->habenula_output * output(p, p->tonic_drive, bursts_at(p, &w, 0.0, left));
            learn(p, &w, a, r, left, at_rest, &y);
            y.tonic_dopamine = tonic_dopamine(p, &w), y.serotonin = tonic_serotonin(p, &w);
            tally(sums + i, a, r, &y);
            if (record) keep(rows++, i, t, a, r, &y);
        }
    }
}

static inline void run_tuned(const Parameters *P, const Task *q, uint64_t seed, int64_t n, int64_t trials, Row *rows,
                             Sums *sums, int record) {
    for (int64_t i = 0; i < n; i++) {
        const Parameters p = P[i];
        uint64_t choices = stream_key(seed, 0, i), outcomes = stream_key(seed, 1, i);
        State w;
        start(&p, &w);
        const double dopamine = tonic_dopamine(&p, &w), serotonin = tonic_serotonin(&p, &w);
        const double left = channels(&p);
        const double at_rest = p.habenula_output * output(&p, p.tonic_drive, bursts_at(&p, &w, 0.0, left));
        Sums s = {0};
        for (int64_t t = 0; t < trials; t++) {
            double z[ACTIONS];
            Signals y = {.tonic_dopamine = dopamine, .serotonin = serotonin};
            prefer(&p, &w, dopamine, serotonin, z);
            int a = softmax(z, ACTIONS, draw(choices, t));
            double r = visit(q, outcomes, t, a);
            learn(&p, &w, a, r, left, at_rest, &y);
            tally(&s, a, r, &y);
            if (record) keep(rows++, i, t, a, r, &y);
        }
        sums[i] = s;
    }
}

ENTRY(plain)
ENTRY(tuned)
