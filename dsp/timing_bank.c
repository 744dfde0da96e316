/* SPDX-License-Identifier: Apache-2.0 */
#include "timing_bank.h"

#include <math.h>
#include <string.h>

#define LEVEL_ATTACK     (1.0F / 16.0F)
#define LEVEL_DECAY      (1.0F / 256.0F)
#define RELIABILITY_UNIT 1000.0F /* of an alternative that costs as much as the signal's power */
#define PACE_RATE        0.0005F
#define PACE_HOME_RATE   0.002F /* back to the lane's own clock, where the signal says nothing */
#define PACE_LIMIT       0.05F  /* around the lane's own clock: 0.6 % */
#define SLIP             0.6F   /* samples late that make the lane change to the next window */
#define SENSE_LIMIT      2.0F   /* samples believed of a single change */
#define PERCENT          ((float)BASEBAND_PER_BIT / 100.0F)

enum { SENSE_BACK = 2 }; /* bits after which a decision is good enough to learn from */

/* Start phase (samples), clock (samples a bit beyond nominal), and the share of a change's lateness that is
 * made good at once. */
static const struct timing_hypothesis {
    unsigned phase;
    float pace, track_rate;
} hypotheses[TIMING_LANES] = {
    {0, 0.0F, 0.0F},
    {2, 0.0F, 0.0F},
    {4, 0.0F, 0.0F},
    {6, 0.0F, 0.0F},
    {1, 0.0F, 0.07F},
    {3, -0.8F * PERCENT, 0.07F},
    {5, 0.8F * PERCENT, 0.07F},
    {7, 0.0F, 0.03F},
};

void timing_bank_reset(struct timing_bank *bank, const struct two_tone *waveform)
{
    memset(bank, 0, sizeof *bank);
    bank->radians_per_sample = (float)(2.0 * M_PI * waveform->tone_step / BASEBAND_TONE_PERIOD);
    for (unsigned i = 0; i < TIMING_LANES; i++) {
        bank->lanes[i].window = 2 * BASEBAND_PER_BIT + hypotheses[i].phase;
        bank->lanes[i].pace = bank->lanes[i].stretch = hypotheses[i].pace;
        two_tone_gain_reset(&bank->lanes[i].gain, waveform);
    }
    cpm_trellis_reset(&bank->trellis, waveform->states);
}

/* Correlations between two windows are nearly on a line. */
static float complex between(const float complex ring[TONE_WINDOWS], uint64_t window, float late)
{
    uint64_t neighbour = late > 0.0F ? window + 1 : window - 1;
    float part = fabsf(late);
    return (1.0F - part) * ring[window % TONE_WINDOWS] + part * ring[neighbour % TONE_WINDOWS];
}

/* The lane's next bit, phases counted from its start. */
static void fetch(struct timing_lane *lane, const struct tone_windows *windows, float radians_per_sample,
                  struct trellis_bit *bit, unsigned i)
{
    const unsigned step = windows->waveform->tone_step;
    uint64_t first = lane->window + 1 - BASEBAND_PER_BIT;
    float x = lane->late * radians_per_sample;
    float complex start = windows->table[first * step % BASEBAND_TONE_PERIOD] *
                          (1.0F - 0.5F * x * x + _Complex_I * (x - x * x * x / 6.0F));
    float complex *tone = lane->tones[lane->bits % TRELLIS_STEPS];
    tone[MARK] = between(windows->mark, lane->window, lane->late) * conjf(start);
    tone[SPACE] = between(windows->space, lane->window, lane->late) * start;
    two_tone_gain_watch(&lane->gain, tone);
    float rise = lane->gain.power - lane->level;
    lane->level += (rise > 0.0F ? LEVEL_ATTACK : LEVEL_DECAY) * rise;
    /* The same turn in every bit, whatever the sender's clock, which its tones follow; a little more where
     * this one is taken to be longer. */
    float angle = (lane->stretch - lane->pace) * radians_per_sample;
    float complex turn = windows->table[BASEBAND_PER_BIT * step % BASEBAND_TONE_PERIOD] *
                         (1.0F - 0.5F * angle * angle + _Complex_I * angle);
    two_tone_gain_match(&lane->gain, tone, turn, bit, i);
}

static float magnitude(float complex z)
{
    return sqrtf(crealf(z) * crealf(z) + cimagf(z) * cimagf(z));
}

/* How late the signal's bits are against the lane's, in samples, seen where the tone changed.
 */
static bool sense(const struct timing_lane *lane, const struct tone_windows *windows,
                  const struct trellis_decision *decision, float *error)
{
    if (decision->mark == decision->mark_before)
        return false;
    const float least = 0.2F * sqrtf(lane->gain.power);
    const float level[TONES] = {fmaxf(magnitude(lane->gain.tone[SPACE]), least),
                                fmaxf(magnitude(lane->gain.tone[MARK]), least)};
    uint64_t middle = lane->windows[(lane->bits - 2 - SENSE_BACK) % TRELLIS_STEPS] + BASEBAND_PER_BIT / 2;
    float mark = magnitude(windows->mark[middle % TONE_WINDOWS]) / level[MARK];
    float space = magnitude(windows->space[middle % TONE_WINDOWS]) / level[SPACE];
    float excess = decision->mark ? space - mark : mark - space; /* of the old tone */
    *error = fminf(fmaxf(windows->waveform->change_slope * excess - lane->late, -SENSE_LIMIT), SENSE_LIMIT);
    return true;
}

static void track(struct timing_lane *lane, const struct timing_hypothesis *home,
                  const struct trellis_decision *decision, const struct tone_windows *windows)
{
    float error;
    lane->stretch = lane->pace;
    if (home->track_rate <= 0.0F || !sense(lane, windows, decision, &error))
        return;
    lane->pace += PACE_RATE * error - PACE_HOME_RATE * (lane->pace - home->pace);
    lane->pace = fminf(fmaxf(lane->pace, home->pace - PACE_LIMIT), home->pace + PACE_LIMIT);
    lane->stretch = lane->pace + home->track_rate * error;
}

/* The bit has been taken: when it ended, and where the next one is. */
static void advance(struct timing_lane *lane)
{
    lane->windows[lane->bits % TRELLIS_STEPS] = lane->window;
    lane->late += lane->stretch;
    lane->ends[lane->bits % TRELLIS_STEPS] = (double)lane->window + 0.5 + (double)lane->late;
    lane->bits++;
    lane->window += BASEBAND_PER_BIT;
    if (lane->late > SLIP) {
        lane->window++;
        lane->late -= 1.0F;
    } else if (lane->late < -SLIP) {
        lane->window--;
        lane->late += 1.0F;
    }
}

static void output(const struct timing_lane *lane, const struct trellis_decision *decision,
                   struct bit_train *train)
{
    float cost = RELIABILITY_UNIT * decision->margin / lane->level;
    struct error_event event = {.mask = decision->pattern,
                                .reliability = (uint16_t)lrintf(fminf(cost, (float)UINT16_MAX))};
    uint64_t bit = lane->bits - 1 - TRELLIS_DEPTH;
    bit_train_push(train, decision->mark, event, lane->ends[bit % TRELLIS_STEPS]);
}

/* What the trellis makes of the lane's newest bit. */
static void conclude(struct timing_bank *bank, unsigned i, const struct tone_windows *windows,
                     struct bit_train *train)
{
    struct timing_lane *lane = &bank->lanes[i];
    struct trellis_decision decision;
    advance(lane);
    if (cpm_trellis_recall(&bank->trellis, i, SENSE_BACK, &decision)) {
        uint64_t bit = lane->bits - 1 - SENSE_BACK;
        two_tone_gain_learn(&lane->gain, &decision, lane->tones[bit % TRELLIS_STEPS]);
        track(lane, &hypotheses[i], &decision, windows);
    }
    if (cpm_trellis_recall(&bank->trellis, i, TRELLIS_DEPTH, &decision))
        output(lane, &decision, train);
}

/* One step of the lanes whose bit is complete; false when there is none. */
static bool step(struct timing_bank *bank, uint64_t newest, const struct tone_windows *windows,
                 struct bit_train trains[TIMING_LANES])
{
    struct trellis_bit bit;
    bool any = false;
    for (unsigned i = 0; i < TIMING_LANES; i++) {
        bit.present[i] = bank->lanes[i].window <= newest;
        any |= bit.present[i];
    }
    if (!any)
        return false;
    for (unsigned i = 0; i < TIMING_LANES; i++) {
        struct timing_lane absent = bank->lanes[i];
        fetch(bit.present[i] ? &bank->lanes[i] : &absent, windows, bank->radians_per_sample, &bit, i);
    }
    cpm_trellis_execute(&bank->trellis, &bit);
    for (unsigned i = 0; i < TIMING_LANES; i++)
        if (bit.present[i])
            conclude(bank, i, windows, &trains[i]);
    return true;
}

void timing_bank_execute(struct timing_bank *bank, const struct tone_windows *windows,
                         struct bit_train trains[TIMING_LANES])
{
    /* At fixed instants, so that the lanes keep in step and nothing depends on the blocks' sizes. */
    if (windows->total % BASEBAND_PER_BIT != 0 || windows->total < 3 * BASEBAND_PER_BIT)
        return;
    while (step(bank, windows->total - 1 - TIMING_LOOKAHEAD, windows, trains))
        continue;
}
