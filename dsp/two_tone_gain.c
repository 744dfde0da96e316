/* SPDX-License-Identifier: Apache-2.0 */
#include "two_tone_gain.h"

#include <math.h>
#include <string.h>

#include "wide.h"

#define DRIFT_LIMIT 0.35F /* rad a bit: 67 Hz */
#define POWER_RATE  0.05F
#define QUICK_RATE  0.25F
#define QUICK_MOST  4.0F  /* times the power of the last four bits: more is left of louder noise before */
#define POWER_MAX   1.5F  /* of the running power: after loud noise, an amplitude that nothing */
#define POWER_MIN   0.04F /* reaches any more would never be chosen, and never corrected */
#define ERROR_FLOOR 0.3F  /* of the running power: the phase of a weak tone says little */
#define QUIET       1e-16F

void two_tone_gain_reset(struct two_tone_gain *gain, const struct two_tone *waveform)
{
    memset(gain, 0, sizeof *gain);
    gain->rate = waveform->gain_rate;
    gain->drift_rate = waveform->drift_rate;
}

void two_tone_gain_watch(struct two_tone_gain *gain, const struct two_tone_bit *tone, const trellis_lanes use)
{
    for (unsigned i = 0; i < TRELLIS_LANES; i++) {
        float power = tone->re[SPACE][i] * tone->re[SPACE][i] + tone->im[SPACE][i] * tone->im[SPACE][i] +
                      tone->re[MARK][i] * tone->re[MARK][i] + tone->im[MARK][i] * tone->im[MARK][i] + QUIET;
        float quick = gain->quick[i] + use[i] * QUICK_RATE * (power - gain->quick[i]);
        float slow = gain->power[i] + use[i] * POWER_RATE * (power - gain->power[i]);
        gain->quick[i] = quick;
        gain->power[i] = slow < QUICK_MOST * quick ? slow : QUICK_MOST * quick;
    }
}

void two_tone_gain_match(const struct two_tone_gain *gain, const struct two_tone_bit *tone,
                         const trellis_lanes turn_re, const trellis_lanes turn_im, struct trellis_bit *bit)
{
    for (unsigned x = 0; x < TONES; x++) {
        const float side = x == SPACE ? 1.0F : -1.0F; /* the other tone turns the other way */
        for (unsigned i = 0; i < TRELLIS_LANES; i++) {
            float drift = gain->drift[i], rest = 1.0F - 0.5F * drift * drift;
            float re = turn_re[i], im = side * turn_im[i];
            float a = tone->re[x][i], b = tone->im[x][i], c = gain->re[x][i], d = gain->im[x][i];
            bit->match_re[x][i] = a * c + b * d;
            bit->match_im[x][i] = b * c - a * d;
            bit->energy[x][i] = c * c + d * d;
            bit->turn_re[x][i] = re * rest - im * drift;
            bit->turn_im[x][i] = im * rest + re * drift;
        }
    }
}

/* Scales an amplitude to what is possible beside the running power. */
static inline void keep_in_sight(wide *re, wide *im, wide power)
{
    wide now = *re * *re + *im * *im + QUIET;
    wide scale = wide_root(wide_limit(now, POWER_MIN * power, POWER_MAX * power) / now);
    *re *= scale;
    *im *= scale;
}

static inline void store_where(float *to, wide_int where, wide value)
{
    wide_store(to, wide_choose(where, value, wide_load(to)));
}

static inline void learn(struct two_tone_gain *gain, const struct trellis_decisions *decided,
                         const struct two_tone_bit *tone, wide_int used, unsigned i)
{
    const wide one = {1.0F, 1.0F, 1.0F, 1.0F};
    const wide_int mark = wide_load_int(decided->mark + i) != 0, swap = ~mark;
    wide space_re = wide_load(gain->re[SPACE] + i), space_im = wide_load(gain->im[SPACE] + i);
    wide mark_re = wide_load(gain->re[MARK] + i), mark_im = wide_load(gain->im[MARK] + i);
    wide here_re = wide_choose(mark, mark_re, space_re), here_im = wide_choose(mark, mark_im, space_im);
    wide there_re = wide_choose(swap, mark_re, space_re), there_im = wide_choose(swap, mark_im, space_im);
    wide a = wide_choose(mark, wide_load(tone->re[MARK] + i), wide_load(tone->re[SPACE] + i));
    wide b = wide_choose(mark, wide_load(tone->im[MARK] + i), wide_load(tone->im[SPACE] + i));
    wide c = wide_load(decided->phase_re + i), d = wide_load(decided->phase_im + i);
    wide power = wide_load(gain->power + i);
    wide seen_re = a * c + b * d, seen_im = b * c - a * d;
    wide error = (seen_im * here_re - seen_re * here_im) /
                 (here_re * here_re + here_im * here_im + ERROR_FLOOR * power + QUIET);
    error = wide_limit(error, -one, one);
    here_re += gain->rate * (seen_re - here_re);
    here_im += gain->rate * (seen_im - here_im);
    wide turn = 0.5F * gain->rate * error, turned = there_re; /* one oscillator makes both tones */
    there_re -= turn * there_im;
    there_im += turn * turned;
    wide drift = wide_limit(wide_load(gain->drift + i) + gain->drift_rate * error, -DRIFT_LIMIT * one,
                            DRIFT_LIMIT * one);
    keep_in_sight(&here_re, &here_im, power);
    keep_in_sight(&there_re, &there_im, power);
    store_where(gain->drift + i, used, drift);
    store_where(gain->re[MARK] + i, used, wide_choose(mark, here_re, there_re));
    store_where(gain->im[MARK] + i, used, wide_choose(mark, here_im, there_im));
    store_where(gain->re[SPACE] + i, used, wide_choose(mark, there_re, here_re));
    store_where(gain->im[SPACE] + i, used, wide_choose(mark, there_im, here_im));
}

void two_tone_gain_learn(struct two_tone_gain *gain, const struct trellis_decisions *decided,
                         const struct two_tone_bit *tone, const trellis_lanes use)
{
    for (unsigned i = 0; i < TRELLIS_LANES; i += WIDE)
        learn(gain, decided, tone, wide_load(use + i) > 0.0F, i);
}
