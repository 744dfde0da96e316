/* SPDX-License-Identifier: Apache-2.0 */
#include "two_tone_gain.h"

#include <math.h>

#define DRIFT_LIMIT 0.35F /* rad a bit: 67 Hz */
#define POWER_RATE  0.05F
#define POWER_MAX   1.5F  /* of the running power: after loud noise, an amplitude that nothing */
#define POWER_MIN   0.04F /* reaches any more would never be chosen, and never corrected */
#define ERROR_FLOOR 0.3F  /* of the running power: the phase of a weak tone says little */
#define QUIET       1e-16F

static float power_of(float complex z)
{
    return crealf(z) * crealf(z) + cimagf(z) * cimagf(z);
}

void two_tone_gain_reset(struct two_tone_gain *gain, const struct two_tone *waveform)
{
    *gain = (struct two_tone_gain){.rate = waveform->gain_rate, .drift_rate = waveform->drift_rate};
}

void two_tone_gain_watch(struct two_tone_gain *gain, const float complex tone[TONES])
{
    float power = power_of(tone[SPACE]) + power_of(tone[MARK]) + QUIET;
    gain->power += POWER_RATE * (power - gain->power);
}

void two_tone_gain_match(const struct two_tone_gain *gain, const float complex tone[TONES],
                         float complex turn, struct trellis_bit *bit, unsigned lane)
{
    float drift = gain->drift;
    float complex rest = 1.0F - 0.5F * drift * drift + _Complex_I * drift;
    for (int x = 0; x < TONES; x++) {
        float complex match = tone[x] * conjf(gain->tone[x]);
        float complex whole = (x == SPACE ? turn : conjf(turn)) * rest;
        bit->match_re[x][lane] = crealf(match);
        bit->match_im[x][lane] = cimagf(match);
        bit->energy[x][lane] = power_of(gain->tone[x]);
        bit->turn_re[x][lane] = crealf(whole);
        bit->turn_im[x][lane] = cimagf(whole);
    }
}

static float complex within_sight(float complex tone, float power)
{
    float now = power_of(tone) + QUIET;
    return tone * sqrtf(fminf(fmaxf(now, POWER_MIN * power), POWER_MAX * power) / now);
}

void two_tone_gain_learn(struct two_tone_gain *gain, const struct trellis_decision *decision,
                         const float complex tone[TONES])
{
    float complex *here = &gain->tone[decision->mark], *there = &gain->tone[!decision->mark];
    float complex seen = tone[decision->mark] * (decision->phase_re - _Complex_I * decision->phase_im);
    float error = cimagf(seen * conjf(*here)) / (power_of(*here) + ERROR_FLOOR * gain->power + QUIET);
    error = fminf(fmaxf(error, -1.0F), 1.0F);
    *here += gain->rate * (seen - *here);
    *there *= 1.0F + _Complex_I * (0.5F * gain->rate * error); /* one oscillator makes both tones */
    gain->drift = fminf(fmaxf(gain->drift + gain->drift_rate * error, -DRIFT_LIMIT), DRIFT_LIMIT);
    *here = within_sight(*here, gain->power);
    *there = within_sight(*there, gain->power);
}
