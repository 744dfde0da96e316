/* SPDX-License-Identifier: Apache-2.0 */
#include "nrz_bank.h"

#include <math.h>
#include <string.h>

#define TAP_RATE         0.01F  /* at which the pulse is learnt */
#define TAP_HOME_RATE    0.001F /* back to an ideal pulse of the same size */
#define ZERO_RATE        0.02F
#define LEVEL_RATE       (1.0F / 64.0F)
#define LEVEL_LEAST      0.4F /* of the mean |sample|: what the middle tap has at least */
#define COST_MOST        65535.0F
#define QUIET            1e-6F
#define DRIFT_PART       0.01    /* of what is corrected at once, learnt as drift */
#define DRIFT_LIMIT      0.001   /* bits a bit */
#define RELIABILITY_UNIT 1000.0F /* of an alternative that costs as much as a bit's energy */

enum { LEARN_BACK = 6 }; /* bits after which a decision is good enough to learn from */

/* Start phase (eighths of a bit) and the share of a bit's lateness that is made good at once. */
static const struct nrz_hypothesis {
    unsigned phase;
    float track_rate;
} hypotheses[NRZ_LANES] = {{0, 0.0F}, {3, 0.0F}, {5, 0.0F}, {6, 0.01F}};

/* The ideal pulse after the receiver's filter, a bit before and after its middle. */
static const float ideal[NRZ_TAPS] = {0.07F, 1.0F, 0.07F, -0.04F};

void nrz_bank_reset(struct nrz_bank *bank, double samples_a_bit)
{
    memset(bank, 0, sizeof *bank);
    bank->samples_a_bit = samples_a_bit;
    bank->eighths_a_sample = NRZ_PER_BIT / samples_a_bit;
    for (unsigned i = 0; i < NRZ_LANES; i++)
        bank->at[i] = samples_a_bit * hypotheses[i].phase / NRZ_PER_BIT;
    nrz_trellis_reset(&bank->trellis);
}

/* The lane's next sample, and where the one after it is. */
static float fetch(struct nrz_bank *bank, const struct nrz_filter *filter, unsigned i)
{
    unsigned slot = bank->bits[i]++ % NRZ_REMEMBERED;
    float value = nrz_filter_execute(filter, bank->at[i]);
    bank->value[i][slot] = value;
    bank->instant[i][slot] = bank->at[i];
    bank->at[i] += bank->samples_a_bit + bank->drift[i];
    return value;
}

/* Against the zero line, and with a pulse that is not too small to start learning from. */
static void prepare(struct nrz_bank *bank, struct nrz_sample *sample)
{
    for (unsigned i = 0; i < NRZ_LANES; i++) {
        float value = sample->value[i] - bank->zero[i], rate = sample->present[i] ? LEVEL_RATE : 0.0F;
        bank->level[i] += rate * (fabsf(value) - bank->level[i]);
        float least = LEVEL_LEAST * bank->level[i] + QUIET, middle = bank->tap[NRZ_AHEAD][i];
        bank->tap[NRZ_AHEAD][i] = middle > least ? middle : least;
        sample->value[i] = value;
        bank->unit[i] = RELIABILITY_UNIT / (bank->tap[NRZ_AHEAD][i] * bank->tap[NRZ_AHEAD][i]);
    }
    memcpy(sample->tap, bank->tap, sizeof sample->tap);
}

/* What the samples LEARN_BACK bits ago were against what the best survivors say they should have been. */
static void learn(struct nrz_bank *bank, const bool present[NRZ_LANES])
{
    nrz_lanes value, before, error, use, bit[NRZ_TAPS + 1];
    for (unsigned i = 0; i < NRZ_LANES; i++) {
        uint64_t sample = bank->bits[i] + NRZ_REMEMBERED - 1 - LEARN_BACK;
        value[i] = bank->value[i][sample % NRZ_REMEMBERED] - bank->zero[i];
        before[i] = bank->value[i][(sample - 1) % NRZ_REMEMBERED] - bank->zero[i];
        use[i] = present[i] ? 1.0F : 0.0F;
        error[i] = value[i];
    }
    for (unsigned j = 0; j <= NRZ_TAPS; j++)
        for (unsigned i = 0; i < NRZ_LANES; i++)
            bit[j][i] = (float)((int32_t)(bank->trellis.best[i] >> (LEARN_BACK + j) & 1U) * 2 - 1);
    for (unsigned j = 0; j < NRZ_TAPS; j++)
        for (unsigned i = 0; i < NRZ_LANES; i++)
            error[i] -= bank->tap[j][i] * bit[j][i];
    for (unsigned i = 0; i < NRZ_LANES; i++) {
        bank->zero[i] += ZERO_RATE * use[i] * error[i];
        /* K. H. Mueller, M. Mueller, Timing Recovery in Digital Synchronous Data Receivers, 1976 */
        bank->late[i] =
            (before[i] * bit[NRZ_AHEAD][i] - value[i] * bit[NRZ_AHEAD + 1][i]) / bank->tap[NRZ_AHEAD][i];
    }
    for (unsigned j = 0; j < NRZ_TAPS; j++)
        for (unsigned i = 0; i < NRZ_LANES; i++) {
            float home = ideal[j] * bank->tap[NRZ_AHEAD][i] - bank->tap[j][i];
            bank->tap[j][i] += use[i] * (TAP_RATE * error[i] * bit[j][i] + TAP_HOME_RATE * home);
        }
}

static void track(struct nrz_bank *bank, unsigned i)
{
    float late = bank->late[i] < 1.0F ? bank->late[i] : 1.0F;
    late = late > -1.0F ? late : -1.0F;
    double correction = (double)(hypotheses[i].track_rate * late) * bank->samples_a_bit;
    double drift = bank->drift[i] - correction * DRIFT_PART, limit = DRIFT_LIMIT * bank->samples_a_bit;
    bank->at[i] -= correction;
    drift = drift < limit ? drift : limit;
    bank->drift[i] = drift > -limit ? drift : -limit;
}

static void output(struct nrz_bank *bank, unsigned i, struct bit_train *train)
{
    struct nrz_decision decision;
    if (!nrz_trellis_recall(&bank->trellis, i, NRZ_DEPTH, &decision))
        return;
    float cost = bank->unit[i] * decision.margin;
    struct error_event event = {.mask = decision.pattern};
    event.reliability = (uint16_t)(cost < COST_MOST ? cost : COST_MOST);
    /* The newest bit of a survivor is NRZ_AHEAD ahead of the newest sample. */
    unsigned slot = (bank->bits[i] - 1 - (NRZ_DEPTH - NRZ_AHEAD)) % NRZ_REMEMBERED;
    double middle = bank->instant[i][slot] * bank->eighths_a_sample;
    bank->memory[i][train->total % BIT_TRAIN_MEMORY] = bank->value[i][slot];
    bit_train_push(train, decision.bit, event, middle + 0.5 * NRZ_PER_BIT);
}

/* One step of the lanes whose bit is complete; false when there is none. */
static bool step(struct nrz_bank *bank, double newest, const struct nrz_filter *filter,
                 struct bit_train trains[NRZ_LANES])
{
    struct nrz_sample *sample = &bank->sample;
    bool any = false;
    for (unsigned i = 0; i < NRZ_LANES; i++) {
        sample->present[i] = bank->at[i] <= newest;
        any |= sample->present[i];
        if (sample->present[i])
            sample->value[i] = fetch(bank, filter, i);
    }
    if (!any)
        return false;
    prepare(bank, sample);
    nrz_trellis_execute(&bank->trellis, sample);
    learn(bank, sample->present);
    for (unsigned i = 0; i < NRZ_LANES; i++) {
        if (!sample->present[i])
            continue;
        if (hypotheses[i].track_rate > 0.0F)
            track(bank, i);
        output(bank, i, &trains[i]);
    }
    return true;
}

void nrz_bank_execute(struct nrz_bank *bank, const struct nrz_filter *filter,
                      struct bit_train trains[NRZ_LANES])
{
    double newest = nrz_filter_newest(filter);
    while (step(bank, newest, filter, trains))
        continue;
}
