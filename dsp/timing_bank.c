/* SPDX-License-Identifier: Apache-2.0 */
#include "timing_bank.h"

#include <math.h>
#include <string.h>

#include "wide.h"

#define LEVEL_ATTACK     (1.0F / 16.0F)
#define LEVEL_DECAY      (1.0F / 256.0F)
#define LEVEL_MOST       2.0F    /* times the running power: what is more is left of louder noise before */
#define RELIABILITY_UNIT 1000.0F /* of an alternative that costs as much as the signal's power */
#define PACE_RATE        0.0005F
#define PACE_HOME_RATE   0.002F /* back to the lane's own clock, where the signal says nothing */
#define PACE_LIMIT       0.05F  /* around the lane's own clock: 0.6 % */
#define SLIP             0.6F   /* samples late that make the lane change to the next window */
#define SENSE_LIMIT      2.0F   /* samples believed of a single change */
#define PERCENT          ((float)BASEBAND_PER_BIT / 100.0F)

#define QUIET 1e-16F

enum { SENSE_BACK = 2 }; /* bits after which a decision is good enough to learn from */

/* Start phase (samples), clock (samples a bit beyond nominal), and the share of a change's lateness that is
 * made good at once; and whether it hears the audio with its de-emphasis undone: see README.md. */
static const struct timing_hypothesis {
    unsigned phase;
    float pace, track_rate;
    bool lifted;
} hypotheses[TIMING_LANES] = {
    {0, 0.0F, 0.0F, false},
    {2, 0.0F, 0.0F, false},
    {4, 0.0F, 0.0F, false},
    {6, 0.0F, 0.0F, false},
    {1, 0.0F, 0.07F, false},
    {3, -0.8F * PERCENT, 0.07F, false},
    {5, 0.8F * PERCENT, 0.07F, false},
    {7, 0.0F, 0.03F, true},
};

static inline const float complex *space_windows(const struct tone_windows *windows, unsigned lane)
{
    return hypotheses[lane].lifted ? windows->lifted_space : windows->space;
}

static inline const float complex *mark_windows(const struct tone_windows *windows, unsigned lane)
{
    return hypotheses[lane].lifted ? windows->lifted_mark : windows->mark;
}

void timing_bank_reset(struct timing_bank *bank, const struct two_tone *waveform)
{
    memset(bank, 0, sizeof *bank);
    bank->radians_per_sample = (float)(2.0 * M_PI * waveform->tone_step / BASEBAND_TONE_PERIOD);
    for (unsigned i = 0; i < TIMING_LANES; i++) {
        bank->window[i] = 2 * BASEBAND_PER_BIT + hypotheses[i].phase;
        bank->home[i] = bank->pace[i] = bank->stretch[i] = hypotheses[i].pace;
        bank->track_rate[i] = hypotheses[i].track_rate;
    }
    two_tone_gain_reset(&bank->gain, waveform);
    cpm_trellis_reset(&bank->trellis, waveform->states);
}

static inline wide real_parts(const float complex value[WIDE])
{
    return (wide){crealf(value[0]), crealf(value[1]), crealf(value[2]), crealf(value[3])};
}

static inline wide imaginary_parts(const float complex value[WIDE])
{
    return (wide){cimagf(value[0]), cimagf(value[1]), cimagf(value[2]), cimagf(value[3])};
}

/* Correlations of four lanes; between two windows they are nearly on a line. */
static inline void read_tone(const float complex *const ring[WIDE], const uint64_t window[WIDE],
                             const uint64_t beside[WIDE], wide part, wide *re, wide *im)
{
    float complex here[WIDE], next[WIDE];
    for (unsigned k = 0; k < WIDE; k++) {
        here[k] = ring[k][window[k] % TONE_WINDOWS];
        next[k] = ring[k][beside[k] % TONE_WINDOWS];
    }
    *re = (1.0F - part) * real_parts(here) + part * real_parts(next);
    *im = (1.0F - part) * imaginary_parts(here) + part * imaginary_parts(next);
}

/* The next bits of four lanes, phases counted from their starts. */
static inline void fetch(const struct timing_bank *bank, const struct tone_windows *windows,
                         struct two_tone_bit *tone, unsigned i)
{
    const uint64_t *window = bank->window + i;
    const unsigned step = windows->waveform->tone_step;
    const float complex *space[WIDE], *mark[WIDE];
    uint64_t beside[WIDE];
    float complex start[WIDE];
    wide late = wide_load(bank->late + i), part = wide_choose(late > 0.0F, late, -late), re, im;
    for (unsigned k = 0; k < WIDE; k++) {
        space[k] = space_windows(windows, i + k);
        mark[k] = mark_windows(windows, i + k);
        beside[k] = bank->late[i + k] > 0.0F ? window[k] + 1 : window[k] - 1;
        start[k] = windows->table[(window[k] + 1 - BASEBAND_PER_BIT) * step % BASEBAND_TONE_PERIOD];
    }
    wide x = late * bank->radians_per_sample, cosine = 1.0F - 0.5F * x * x, sine = x - x * x * x / 6.0F;
    wide a = real_parts(start), b = imaginary_parts(start);
    wide start_re = a * cosine - b * sine, start_im = b * cosine + a * sine;
    read_tone(space, window, beside, part, &re, &im);
    wide_store(tone->re[SPACE] + i, re * start_re - im * start_im);
    wide_store(tone->im[SPACE] + i, im * start_re + re * start_im);
    read_tone(mark, window, beside, part, &re, &im);
    wide_store(tone->re[MARK] + i, re * start_re + im * start_im);
    wide_store(tone->im[MARK] + i, im * start_re - re * start_im);
}

/* The trellis' input. The phase turns the same in every bit, whatever the sender's clock, which its tones
 * follow; a little more where this one is taken to be longer. */
static void prepare(struct timing_bank *bank, const struct tone_windows *windows, const trellis_lanes use,
                    const struct two_tone_bit *tone, struct trellis_bit *bit)
{
    const unsigned step = windows->waveform->tone_step;
    const float complex turn = windows->table[BASEBAND_PER_BIT * step % BASEBAND_TONE_PERIOD];
    trellis_lanes turn_re, turn_im;
    two_tone_gain_watch(&bank->gain, tone, use);
    for (unsigned i = 0; i < TIMING_LANES; i += WIDE) {
        const wide nothing = {0.0F};
        wide level = wide_load(bank->level + i), rise = wide_load(bank->gain.power + i) - level;
        wide rate = wide_choose(rise > nothing, nothing + LEVEL_ATTACK, nothing + LEVEL_DECAY);
        wide most = LEVEL_MOST * wide_load(bank->gain.power + i);
        level += wide_load(use + i) * rate * rise;
        wide_store(bank->level + i, wide_choose(level < most, level, most));
        wide angle = (wide_load(bank->stretch + i) - wide_load(bank->pace + i)) * bank->radians_per_sample;
        wide cosine = 1.0F - 0.5F * angle * angle;
        wide_store(turn_re + i, crealf(turn) * cosine - cimagf(turn) * angle);
        wide_store(turn_im + i, cimagf(turn) * cosine + crealf(turn) * angle);
    }
    two_tone_gain_match(&bank->gain, tone, turn_re, turn_im, bit);
}

/* What was received in the bits that are decided now. */
static void recall_tones(const struct timing_bank *bank, const struct trellis_decisions *decided,
                         struct two_tone_bit *tone)
{
    for (unsigned i = 0; i < TIMING_LANES; i += WIDE) {
        const struct two_tone_bit *past[WIDE];
        for (unsigned k = 0; k < WIDE; k++)
            past[k] = &bank->past[decided->step[i + k]].tone;
        for (unsigned x = 0; x < TONES; x++) {
            wide re = {past[0]->re[x][i], past[1]->re[x][i + 1], past[2]->re[x][i + 2],
                       past[3]->re[x][i + 3]};
            wide im = {past[0]->im[x][i], past[1]->im[x][i + 1], past[2]->im[x][i + 2],
                       past[3]->im[x][i + 3]};
            wide_store(tone->re[x] + i, re);
            wide_store(tone->im[x] + i, im);
        }
    }
}

/* By how much the old tone is louder than the new one around a change of tones, each in units of its own; 0:
 * no change there. */
static void sense(const struct timing_bank *bank, const struct tone_windows *windows,
                  const struct trellis_decisions *decided, trellis_lanes excess)
{
    for (unsigned i = 0; i < TIMING_LANES; i += WIDE) {
        float complex seen[TONES][WIDE];
        wide level[TONES], least = 0.04F * wide_load(bank->gain.power + i) + QUIET;
        for (unsigned k = 0; k < WIDE; k++) {
            uint64_t middle = bank->past[decided->before[i + k]].window[i + k] + BASEBAND_PER_BIT / 2;
            seen[MARK][k] = mark_windows(windows, i + k)[middle % TONE_WINDOWS];
            seen[SPACE][k] = space_windows(windows, i + k)[middle % TONE_WINDOWS];
        }
        for (unsigned x = 0; x < TONES; x++) {
            wide re = wide_load(bank->gain.re[x] + i), im = wide_load(bank->gain.im[x] + i);
            wide a = real_parts(seen[x]), b = imaginary_parts(seen[x]), own = re * re + im * im;
            level[x] = wide_root((a * a + b * b) / wide_choose(own > least, own, least));
        }
        wide more = level[SPACE] - level[MARK];
        wide_store(excess + i, wide_choose(wide_load_int(decided->mark + i) != 0, more, -more));
    }
}

/* Follows the sender's clock where the tone changed. */
static void track(struct timing_bank *bank, const struct trellis_decisions *decided,
                  const trellis_lanes excess, float slope)
{
    for (unsigned i = 0; i < TIMING_LANES; i += WIDE) {
        const wide nothing = {0.0F}, rate = wide_load(bank->track_rate + i), home = wide_load(bank->home + i);
        wide_int taken = wide_load(decided->use + i) > nothing;
        wide_int follows = taken & (wide_load_int(decided->changed + i) != 0) & (rate > nothing);
        wide error = slope * wide_load(excess + i) - wide_load(bank->late + i),
             pace = wide_load(bank->pace + i);
        error = wide_limit(error, nothing - SENSE_LIMIT, nothing + SENSE_LIMIT);
        wide moved = pace + PACE_RATE * error - PACE_HOME_RATE * (pace - home);
        pace = wide_choose(follows, wide_limit(moved, home - PACE_LIMIT, home + PACE_LIMIT), pace);
        wide stretch = pace + wide_choose(follows, rate * error, nothing);
        wide_store(bank->pace + i, pace);
        wide_store(bank->stretch + i, wide_choose(taken, stretch, wide_load(bank->stretch + i)));
    }
}

/* The bits have been taken: when they ended, and where the next ones are. */
static void advance(struct timing_bank *bank, unsigned slot, const bool present[TIMING_LANES])
{
    for (unsigned i = 0; i < TIMING_LANES; i++) {
        if (!present[i])
            continue;
        float late = bank->late[i] + bank->stretch[i];
        int slip = late > SLIP ? 1 : late < -SLIP ? -1 : 0;
        bank->past[slot].window[i] = bank->window[i];
        bank->past[slot].late[i] = late;
        bank->window[i] += (uint64_t)(BASEBAND_PER_BIT + slip);
        bank->late[i] = late - (float)slip;
    }
}

/* What the trellis is sure of by now. */
static void output(const struct timing_bank *bank, unsigned i, struct bit_train *train)
{
    struct trellis_decision decision;
    if (!cpm_trellis_recall(&bank->trellis, i, TRELLIS_DEPTH, &decision))
        return;
    float cost = RELIABILITY_UNIT * decision.margin / bank->level[i];
    struct error_event event = {.mask = decision.pattern};
    event.reliability = (uint16_t)lrintf(cost < (float)UINT16_MAX ? cost : (float)UINT16_MAX);
    double end =
        (double)bank->past[decision.step].window[i] + 0.5 + (double)bank->past[decision.step].late[i];
    bit_train_push(train, decision.mark, event, end);
}

/* One step of the lanes whose bit is complete; false when there is none. */
static bool step(struct timing_bank *bank, uint64_t newest, const struct tone_windows *windows,
                 struct bit_train trains[TIMING_LANES])
{
    struct trellis_bit *bit = &bank->bit;
    struct trellis_decisions *decided = &bank->decided;
    unsigned slot = (unsigned)(bank->trellis.steps % TRELLIS_STEPS);
    bool any = false;
    for (unsigned i = 0; i < TIMING_LANES; i++) {
        bit->present[i] = bank->window[i] <= newest;
        bank->use[i] = bit->present[i] ? 1.0F : 0.0F;
        any |= bit->present[i];
    }
    if (!any)
        return false;
    for (unsigned i = 0; i < TIMING_LANES; i += WIDE)
        fetch(bank, windows, &bank->past[slot].tone, i);
    prepare(bank, windows, bank->use, &bank->past[slot].tone, bit);
    cpm_trellis_execute(&bank->trellis, bit);
    advance(bank, slot, bit->present);
    cpm_trellis_recall_all(&bank->trellis, bit->present, SENSE_BACK, decided);
    recall_tones(bank, decided, &bank->tone);
    two_tone_gain_learn(&bank->gain, decided, &bank->tone, decided->use);
    sense(bank, windows, decided, bank->excess);
    track(bank, decided, bank->excess, windows->waveform->change_slope);
    for (unsigned i = 0; i < TIMING_LANES; i++)
        if (bit->present[i])
            output(bank, i, &trains[i]);
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
