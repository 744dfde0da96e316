/* SPDX-License-Identifier: Apache-2.0 */
/* A survivor's knowledge of the channel: complex amplitudes of both tones, tracked bit by bit. Written for
 * one lane, without branches, so that the trellis' loop over lanes becomes vector instructions. */
#ifndef ATALAYA_DSP_TWO_TONE_GAIN_H
#define ATALAYA_DSP_TWO_TONE_GAIN_H

#include <math.h>

#define GAIN_DRIFT_RATE  0.0008F /* of the phase error, into the phase advance per bit */
#define GAIN_DRIFT_LIMIT 0.35F   /* rad a bit: 67 Hz */
#define GAIN_POWER_MAX   1.5F    /* of the running power: after loud noise a gain that nothing */
#define GAIN_POWER_MIN   0.04F   /* reaches any more would never be chosen, and never corrected */
#define GAIN_ERROR_FLOOR 0.3F    /* of the running power: a weak gain's phase says little */
#define GAIN_TINY        1e-20F

struct two_tone_gain {
    float here_re, here_im;   /* the tone that was just received */
    float there_re, there_im; /* the other one */
    float drift;              /* rad per bit */
};

static inline void gain_limit(float *re, float *im, float power)
{
    float now = *re * *re + *im * *im + GAIN_TINY;
    float wanted = fminf(fmaxf(now, GAIN_POWER_MIN * power), GAIN_POWER_MAX * power);
    float scale = sqrtf(wanted / now);
    *re *= scale;
    *im *= scale;
}

static inline void gain_turn(float *re, float *im, float turn_re, float turn_im)
{
    float x = *re * turn_re - *im * turn_im;
    *im = *re * turn_im + *im * turn_re;
    *re = x;
}

/* Learns from the correlation y with the tone received, then advances both to the next bit's start. The
 * tones share an oscillator: a phase error of one says half as much of the other. */
static inline void two_tone_gain_update(struct two_tone_gain *gain, float y_re, float y_im, float rate,
                                        float power, float turn_re, float turn_im)
{
    float norm = gain->here_re * gain->here_re + gain->here_im * gain->here_im + GAIN_ERROR_FLOOR * power;
    float error = (y_im * gain->here_re - y_re * gain->here_im) / (norm + GAIN_TINY);
    error = fminf(fmaxf(error, -1.0F), 1.0F);
    gain->here_re += rate * (y_re - gain->here_re);
    gain->here_im += rate * (y_im - gain->here_im);
    gain_turn(&gain->there_re, &gain->there_im, 1.0F, 0.5F * rate * error);
    float drift = gain->drift + GAIN_DRIFT_RATE * error;
    drift = fminf(fmaxf(drift, -GAIN_DRIFT_LIMIT), GAIN_DRIFT_LIMIT);
    float cosine = 1.0F - 0.5F * drift * drift;
    gain->drift = drift;
    gain_turn(&turn_re, &turn_im, cosine, drift);
    gain_turn(&gain->here_re, &gain->here_im, turn_re, turn_im);
    gain_turn(&gain->there_re, &gain->there_im, turn_re, turn_im);
    gain_limit(&gain->here_re, &gain->here_im, power);
    gain_limit(&gain->there_re, &gain->there_im, power);
}

#endif
