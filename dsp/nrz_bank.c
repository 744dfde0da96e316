/* SPDX-License-Identifier: Apache-2.0 */
#include "nrz_bank.h"

#include <math.h>
#include <string.h>

#include "wide.h"

#define TAP_RATE         0.01F  /* at which the pulse is learnt */
#define TAP_HOME_RATE    0.001F /* back to an ideal pulse of the same size */
#define ZERO_RATE        0.02F
#define LEVEL_RATE       (1.0F / 64.0F)
#define LEVEL_LEAST      0.4F /* of the mean |sample|: what the middle tap has at least */
#define QUIET            1e-6F
#define DRIFT_PART       0.01F   /* of what is corrected at once, learnt as drift */
#define DRIFT_LIMIT      0.001F  /* bits a bit */
#define RELIABILITY_UNIT 1000.0F /* of an alternative that costs as much as a bit's energy */

enum { LEARN_BACK = 6 }; /* bits after which a decision is good enough to learn from */

/* Start phase (eighths of a bit) and the share of a bit's lateness that is made good at once. */
static const struct nrz_hypothesis {
    unsigned phase;
    float track_rate;
} hypotheses[NRZ_LANES] = {
    {0, 0.0F}, {2, 0.0F}, {4, 0.0F}, {6, 0.0F}, {1, 0.02F}, {3, 0.02F}, {5, 0.01F}, {7, 0.04F},
};

/* The ideal pulse after the receiver's filter, a bit before and after its middle. */
static const float ideal[NRZ_TAPS] = {0.06F, 1.0F, 0.06F, 0.0F};

void nrz_bank_reset(struct nrz_bank *bank, double samples_a_bit)
{
    memset(bank, 0, sizeof *bank);
    bank->samples_a_bit = samples_a_bit;
    for (unsigned i = 0; i < NRZ_LANES; i++) {
        bank->lanes[i].at = samples_a_bit * hypotheses[i].phase / NRZ_PER_BIT;
        bank->lanes[i].memory = bank->memory[i];
    }
    nrz_trellis_reset(&bank->trellis);
}

/* The lane's next sample, against its zero line. */
static void fetch(struct nrz_lane *lane, const struct nrz_filter *filter, struct nrz_sample *sample,
                  unsigned i)
{
    unsigned slot = lane->bits++ % NRZ_REMEMBERED;
    lane->value[slot] = nrz_filter_execute(filter, lane->at);
    lane->instant[slot] = lane->at;
    lane->at += filter->samples_a_bit + lane->drift;
    float value = lane->value[slot] - lane->zero;
    lane->level += LEVEL_RATE * (fabsf(value) - lane->level);
    float least = LEVEL_LEAST * lane->level + QUIET;
    if (!(lane->tap[NRZ_AHEAD] > least))
        lane->tap[NRZ_AHEAD] = least;
    sample->value[i] = value;
    for (unsigned j = 0; j < NRZ_TAPS; j++)
        sample->tap[j][i] = lane->tap[j];
}

/* Bit of a history as a voltage. */
static inline float sign(uint32_t history, unsigned back)
{
    return (history >> back & 1U) != 0 ? 1.0F : -1.0F;
}

/* What the sample LEARN_BACK bits ago was, and what it should have been. */
static void learn(struct nrz_lane *lane, const struct nrz_hypothesis *how, uint32_t history, double bit)
{
    unsigned back = LEARN_BACK; /* newest bit's sample is the newest; tap j shows the bit AHEAD - j later */
    float value = lane->value[(lane->bits - 1 - back) % NRZ_REMEMBERED];
    float error = value - lane->zero, middle = lane->tap[NRZ_AHEAD];
    for (unsigned j = 0; j < NRZ_TAPS; j++)
        error -= lane->tap[j] * sign(history, back + j);
    lane->zero += ZERO_RATE * error;
    for (unsigned j = 0; j < NRZ_TAPS; j++)
        lane->tap[j] +=
            TAP_RATE * error * sign(history, back + j) + TAP_HOME_RATE * (ideal[j] * middle - lane->tap[j]);
    if (how->track_rate <= 0.0F)
        return;
    /* K. H. Mueller, M. Mueller, Timing Recovery in Digital Synchronous Data Receivers, 1976 */
    float before = lane->value[(lane->bits - 2 - back) % NRZ_REMEMBERED];
    float late = ((value - lane->zero) * sign(history, back + NRZ_AHEAD + 1) -
                  (before - lane->zero) * sign(history, back + NRZ_AHEAD)) /
                 middle;
    late = fminf(fmaxf(late, -1.0F), 1.0F);
    double correction = (double)(how->track_rate * late) * bit, limit = (double)DRIFT_LIMIT * bit;
    lane->at -= correction;
    lane->drift = fmin(fmax(lane->drift - correction * (double)DRIFT_PART, -limit), limit);
}

static void output(struct nrz_bank *bank, unsigned i, const struct nrz_decision *decision,
                   struct bit_train *train)
{
    struct nrz_lane *lane = &bank->lanes[i];
    float energy = lane->tap[NRZ_AHEAD] * lane->tap[NRZ_AHEAD];
    float cost = RELIABILITY_UNIT * decision->margin / energy;
    struct error_event event = {.mask = decision->pattern};
    event.reliability = (uint16_t)lrintf(fminf(cost, (float)UINT16_MAX));
    /* The newest bit of a survivor is NRZ_AHEAD ahead of the newest sample. */
    uint64_t sample = lane->bits - 1 - (NRZ_DEPTH - NRZ_AHEAD);
    unsigned slot = sample % NRZ_REMEMBERED;
    double middle = lane->instant[slot] / bank->samples_a_bit * NRZ_PER_BIT;
    lane->memory[train->total % BIT_TRAIN_MEMORY] = lane->value[slot];
    bit_train_push(train, decision->bit, event, middle + 0.5 * NRZ_PER_BIT);
}

static void conclude(struct nrz_bank *bank, unsigned i, struct bit_train *train)
{
    struct nrz_decision decision;
    if (!nrz_trellis_recall(&bank->trellis, i, NRZ_DEPTH, &decision))
        return;
    learn(&bank->lanes[i], &hypotheses[i], bank->trellis.best[i], bank->samples_a_bit);
    output(bank, i, &decision, train);
}

/* One step of the lanes whose bit is complete; false when there is none. */
static bool step(struct nrz_bank *bank, double newest, const struct nrz_filter *filter,
                 struct bit_train trains[NRZ_LANES])
{
    struct nrz_sample sample = {0};
    bool any = false;
    for (unsigned i = 0; i < NRZ_LANES; i++) {
        sample.present[i] = bank->lanes[i].at <= newest;
        any |= sample.present[i];
        if (sample.present[i])
            fetch(&bank->lanes[i], filter, &sample, i);
    }
    if (!any)
        return false;
    nrz_trellis_execute(&bank->trellis, &sample);
    for (unsigned i = 0; i < NRZ_LANES; i++)
        if (sample.present[i])
            conclude(bank, i, &trains[i]);
    return true;
}

void nrz_bank_execute(struct nrz_bank *bank, const struct nrz_filter *filter,
                      struct bit_train trains[NRZ_LANES])
{
    while (step(bank, nrz_filter_newest(filter), filter, trains))
        continue;
}
