/* SPDX-License-Identifier: Apache-2.0 */
#include "timing_bank.h"

#include <math.h>
#include <string.h>

#define RADIANS_PER_SAMPLE ((float)(2.0 * M_PI * BASEBAND_TONE_STEP / BASEBAND_TONE_PERIOD))
#define POWER_RATE         0.05F
#define LEVEL_ATTACK       (1.0F / 16.0F)
#define LEVEL_DECAY        (1.0F / 256.0F)
#define QUIET              1e-16F
#define RELIABILITY_UNIT   1000.0F /* reliability of an alternative that costs as much as the signal's power \
                                    */
#define TRACK_RATE     0.03F
#define PACE_RATE      0.0002F
#define PACE_HOME_RATE 0.002F /* back to the lane's own clock, where the signal says nothing */
#define PACE_LIMIT     0.05F  /* around the lane's own clock: 0.6 % */
#define SLIP           0.6F   /* samples late that make the lane change to the next window */
#define SENSE_LIMIT    2.0F   /* samples believed of a single change */
#define PERCENT        ((float)BASEBAND_PER_BIT / 100.0F)

#define GAIN_RATE 0.06F

/* Start phase (samples), clock (samples a bit beyond nominal), and how fast gains are learnt. */
static const struct timing_hypothesis {
    unsigned phase;
    bool tracks;
    float pace, gain_rate;
} hypotheses[TIMING_LANES] = {
    {0, false, 0.0F, GAIN_RATE},          {2, false, 0.0F, GAIN_RATE}, {4, false, 0.0F, GAIN_RATE},
    {6, false, 0.0F, GAIN_RATE},          {1, true, 0.0F, GAIN_RATE},  {3, true, -0.8F * PERCENT, GAIN_RATE},
    {5, true, 0.8F * PERCENT, GAIN_RATE}, {7, true, 0.0F, GAIN_RATE},
};

void timing_bank_reset(struct timing_bank *bank)
{
    float gain_rate[TIMING_LANES];
    memset(bank, 0, sizeof *bank);
    for (unsigned i = 0; i < TIMING_LANES; i++) {
        bank->lanes[i].window = 2 * BASEBAND_PER_BIT + hypotheses[i].phase;
        bank->lanes[i].pace = bank->lanes[i].stretch = hypotheses[i].pace;
        gain_rate[i] = hypotheses[i].gain_rate;
    }
    cpm_trellis_reset(&bank->trellis, gain_rate);
}

static float power_of(float complex z)
{
    return crealf(z) * crealf(z) + cimagf(z) * cimagf(z);
}

/* The lane's next bit, phases counted from its start. */
static void fetch(struct timing_lane *lane, const struct tone_windows *windows, struct trellis_bit *bit,
                  unsigned i)
{
    float complex mark = windows->mark[lane->window % TONE_WINDOWS];
    float complex space = windows->space[lane->window % TONE_WINDOWS];
    uint64_t first = lane->window + 1 - BASEBAND_PER_BIT;
    float x = lane->late * RADIANS_PER_SAMPLE;
    float complex start = windows->table[first * BASEBAND_TONE_STEP % BASEBAND_TONE_PERIOD] *
                          (1.0F - 0.5F * x * x + _Complex_I * (x - x * x * x / 6.0F));
    mark *= conjf(start);
    space *= start;
    float power = power_of(mark) + power_of(space) + QUIET;
    lane->power += POWER_RATE * (power - lane->power);
    lane->level += (power > lane->level ? LEVEL_ATTACK : LEVEL_DECAY) * (power - lane->level);
    bit->power[i] = lane->power;
    bit->mark_re[i] = crealf(mark);
    bit->mark_im[i] = cimagf(mark);
    bit->space_re[i] = crealf(space);
    bit->space_im[i] = cimagf(space);
    /* 5/12 of a turn in a nominal bit, and a little more in a longer one. */
    float angle = lane->stretch * RADIANS_PER_SAMPLE;
    float complex turn = windows->table[BASEBAND_PER_BIT * BASEBAND_TONE_STEP % BASEBAND_TONE_PERIOD] *
                         (1.0F - 0.5F * angle * angle + _Complex_I * angle);
    bit->turn_re[i] = crealf(turn);
    bit->turn_im[i] = cimagf(turn);
}

static float magnitude(float complex z)
{
    return sqrtf(power_of(z));
}

/* How late the signal's bits are against the lane's, in samples, seen at a change of tone two bits ago. */
static bool sense(const struct timing_lane *lane, const struct tone_windows *windows, uint32_t history,
                  const float amplitude[2], float *error)
{
    unsigned before = history >> 3 & 1U, after = history >> 2 & 1U;
    if (before == after || lane->bits < 4)
        return false;
    uint64_t middle = lane->windows[(lane->bits - 4) % TRELLIS_STEPS] + BASEBAND_PER_BIT / 2;
    float complex mark = windows->mark[middle % TONE_WINDOWS], space = windows->space[middle % TONE_WINDOWS];
    float old = magnitude(before ? mark : space) / amplitude[before];
    float new = magnitude(before ? space : mark) / amplitude[after];
    float seen = (float)BASEBAND_CHANGE_SLOPE * (old - new) - lane->late;
    *error = fminf(fmaxf(seen, -SENSE_LIMIT), SENSE_LIMIT);
    return true;
}

static void track(struct timing_lane *lane, const struct timing_hypothesis *home,
                  const struct trellis_survivors *survivors, const struct trellis_decision *decision,
                  const struct tone_windows *windows, unsigned i)
{
    lane->stretch = lane->pace;
    if (!home->tracks)
        return;
    unsigned s = decision->state;
    float least = 0.2F * sqrtf(lane->power);
    float space = hypotf(survivors->space_re[s][i], survivors->space_im[s][i]);
    float mark = hypotf(survivors->mark_re[s][i], survivors->mark_im[s][i]);
    const float amplitude[2] = {fmaxf(space, least), fmaxf(mark, least)};
    float error;
    if (!sense(lane, windows, decision->history, amplitude, &error))
        return;
    lane->pace += PACE_RATE * error - PACE_HOME_RATE * (lane->pace - home->pace);
    lane->pace = fminf(fmaxf(lane->pace, home->pace - PACE_LIMIT), home->pace + PACE_LIMIT);
    lane->stretch = lane->pace + TRACK_RATE * error;
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
        fetch(bit.present[i] ? &bank->lanes[i] : &absent, windows, &bit, i);
    }
    cpm_trellis_execute(&bank->trellis, &bit);
    for (unsigned i = 0; i < TIMING_LANES; i++) {
        if (!bit.present[i])
            continue;
        struct trellis_decision decision;
        struct timing_lane *lane = &bank->lanes[i];
        bool certain = cpm_trellis_decide(&bank->trellis, i, &decision);
        advance(lane);
        track(lane, &hypotheses[i], &bank->trellis.bank[bank->trellis.now], &decision, windows, i);
        if (certain)
            output(lane, &decision, &trains[i]);
    }
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
