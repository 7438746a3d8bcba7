/* habenula_rl.HabenulaAgent in habenula_rl.tasks.SucrosePreference in C: `plain` translated line by line, `tuned` with all
   that a good programmer who knows that nothing hurts in this task would take out of the loop. Parameters stand in the
   order in which the agent declares them. */
#include "shared.h"

#define ACTIONS 3
#define PASSIVE 0

typedef struct {
    double hyperactivity, nmda, nmda_power, habenula_output, t_type, t_type_power, hyperpolarisation, burst_drive,
        tonic_drive, dopamine_drive, dopamine_tone, serotonin_tone, error_gain, burst_threshold, burst_slope, burst_gain, habenula_share,
        pain_share, lift_share, dopamine_half, dopamine_slope, dopamine_floor, discount, value_rate, trace_rate,
        trace_leak, beta, vigour, reflex_go, pavlovian, control_prior, control_rate, control_loss, growth,
        hyperactivity_max, recovery_days;
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
    double hyperactivity, control, dip_weight, lift_weight, relief[2], tried[2], value, go[ACTIONS], nogo[ACTIONS];
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

/* Tonic dopamine, and but for drugs at its receptors tonic serotonin. */
static inline double tonic(const Parameters *p, const State *w) {
    double bursts = p->habenula_output * bursts_at(p, w, 0.0, channels(p)), healthy = burst_share(p, 0.0, 0.0);
    double spared = logistic((p->dopamine_half - bursts) / p->dopamine_slope) /
                    logistic((p->dopamine_half - healthy) / p->dopamine_slope);
    return 0.5 * (p->dopamine_floor + (1.0 - p->dopamine_floor) * spared);
}

static inline double tonic_dopamine(const Parameters *p, const State *w) { return p->dopamine_tone * tonic(p, w); }

static inline double tonic_serotonin(const Parameters *p, const State *w) { return p->serotonin_tone * tonic(p, w); }

static inline double pull(const Parameters *p, const State *w, double serotonin) {
    double bounded = w->value / (1.0 + fabs(w->value));
    return p->pavlovian * (1.0 - w->control) * (positive(bounded) - 2.0 * (1.0 - serotonin) * negative(bounded));
}

static inline double weight(const Parameters *p, double delta) {
    double x = -p->error_gain * delta;
    double change = output(p, x, burst_share(p, x, 0.0)) - output(p, 0.0, burst_share(p, 0.0, 0.0));
    return -delta / change;
}

static inline void start(const Parameters *p, State *w) {
    *w = (State){.hyperactivity = p->hyperactivity, .control = p->control_prior, .dip_weight = weight(p, -0.5),
                 .lift_weight = weight(p, 0.5)};
}

static inline void prefer(const Parameters *p, const State *w, double dopamine, double serotonin, double *z) {
    double readiness = pull(p, w, serotonin) - p->vigour * (1.0 - dopamine - serotonin);
    for (int a = 0; a < ACTIONS; a++) z[a] = p->beta * (w->go[a] - w->nogo[a]) + (a == PASSIVE ? 0.0 : readiness);
}

static inline double visit(const Task *q, uint64_t key, int64_t t, int a) {
    if (a == PASSIVE) return 0.0;
    double drop = a == 1 ? q->sucrose : q->water;
    return (draw(key, t * TRIAL_STRIDE) < q->delivery ? drop : 0.0) - q->effort;
}

static inline double variance(double share, double tried) {
    double likely = (share * tried + 0.5) / (tried + 1.0);
    return likely * (1.0 - likely) / (tried + 1.0);
}

/* Where nothing hurts: only a loss that is expected teaches control. */
static inline void learn_control(const Parameters *p, State *w, int a, double loss) {
    double threat = negative(w->value), stake = fmin(threat, 1.0), limit = 1.0 / p->control_rate;
    int k = a == PASSIVE ? 0 : 1;
    if (threat <= 0.0) return;
    w->tried[k] = fmin(w->tried[k] + stake, limit);
    w->relief[k] += stake / w->tried[k] * (positive(threat - positive(loss)) / threat - w->relief[k]);
    double found = positive(w->relief[1] - w->relief[0] -
                            sqrt(variance(w->relief[1], w->tried[1]) + variance(w->relief[0], w->tried[0])));
    double lost = w->control > p->control_prior ? p->control_loss : p->control_rate;
    w->control = found > w->control ? found : w->control + stake * lost * (found - w->control);
}

static inline double payoff(double trace, double evidence, const Parameters *p) {
    return positive(trace + p->trace_rate * evidence - p->trace_leak * trace);
}

static inline void learn(const Parameters *p, State *w, int a, double r, double dopamine, double left,
                         double output_at_rest, Signals *y) {
    double delta = r - w->value;
    double x = -p->error_gain * delta;
    double bursts = bursts_at(p, w, x, left);
    double lhb = p->habenula_output * output(p, x + p->tonic_drive, bursts);
    double change = lhb - output_at_rest;
    double lift = (1.0 - p->lift_share) * positive(delta) + p->lift_share * positive(-w->lift_weight * change);
    double dip = (1.0 - p->habenula_share) * negative(delta) + p->habenula_share * positive(w->dip_weight * change);
    double phasic = 2.0 * dopamine * lift - dip + p->dopamine_drive;
    learn_control(p, w, a, -r);
    w->value += p->value_rate * phasic;
    w->go[a] = payoff(w->go[a], phasic, p);
    w->nogo[a] = payoff(w->nogo[a], -phasic, p);
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
            learn(p, &w, a, r, tonic_dopamine(p, &w), left, at_rest, &y);
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
            learn(&p, &w, a, r, dopamine, left, at_rest, &y);
            tally(&s, a, r, &y);
            if (record) keep(rows++, i, t, a, r, &y);
        }
        sums[i] = s;
    }
}

ENTRY(plain)
ENTRY(tuned)
