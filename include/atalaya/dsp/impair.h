/* SPDX-License-Identifier: Apache-2.0 */
/* Impairments for generated signals: `atalaya encode`, tests and benchmarks. Not used in reception. */
#ifndef ATALAYA_DSP_IMPAIR_H
#define ATALAYA_DSP_IMPAIR_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/result.h"

/* A small, seeded generator (xoshiro256++), so that a test's signal is the same on every machine. */
struct impair_random {
    uint64_t state[4];
};

void impair_random_seed(struct impair_random *random, uint64_t seed);
uint64_t impair_random_next(struct impair_random *random);
double impair_random_uniform(struct impair_random *random); /* [0, 1) */
double impair_random_normal(struct impair_random *random);  /* mean 0, variance 1 */

/* Standard deviation of white noise that puts a real signal of mean power `power` (per sample) at `ebn0_db`,
 * for bit_rate bit/s sampled at rate_hz: sigma^2 = power * rate / (2 * bit_rate * 10^(Eb/N0 / 10)). */
double impair_noise_sigma(double power, double rate_hz, double bit_rate, double ebn0_db);

/* Adds white Gaussian noise of standard deviation sigma to audio [size: count]. */
void impair_add_noise(struct impair_random *random, float *audio, size_t count, double sigma);

#define IMPAIR_CNR_WIDTH_HZ 12500.0 /* the carrier-to-noise ratio counts the noise of one narrow channel */

/* Standard deviation of each component of complex white noise that leaves a carrier of amplitude 1 `cnr_db`
 * above the noise in IMPAIR_CNR_WIDTH_HZ: 2 sigma^2 = rate / (width * 10^(CNR / 10)). */
double impair_cnr_sigma(double rate_hz, double cnr_db);
/* Adds such noise to IQ [size: count]. */
void impair_add_noise_iq(struct impair_random *random, float complex *iq, size_t count, double sigma);

/* Hard limiter: audio stays within +-limit [size: count]. */
void impair_clip(float *audio, size_t count, float limit);

/* What stands between a transmitter's modulator and a receiver's sound card, noise apart. */
struct impair_shape_settings {
    double rate_hz;
    double twist_db;  /* level at 2200 Hz less level at 1200 Hz; 0 = none */
    double shift_hz;  /* every frequency moves up by so much; 0 = none */
    bool de_emphasis; /* 6 dB an octave down from IMPAIR_EMPHASIS_S on */
};

#define IMPAIR_EMPHASIS_S 750e-6 /* time constant of land mobile radio: a corner at 212 Hz */

struct impair_shape;

/* Errors: ATALAYA_E_ARGUMENT, ATALAYA_E_MEMORY. One thread at a time. */
enum atalaya_result impair_shape_create(struct impair_shape **shape,
                                        const struct impair_shape_settings *settings);
/* Shapes audio in place [size: count]; calls continue one signal, a few milliseconds late. */
void impair_shape_execute(struct impair_shape *shape, float *audio, size_t count);
void impair_shape_reset(struct impair_shape *shape);
void impair_shape_destroy(struct impair_shape *shape); /* NULL is allowed */

/* One pole: de-emphasis, or with `inverse` the pre-emphasis that undoes it. */
struct impair_emphasis {
    double a, last, gain;
    bool inverse;
};

/* unity_hz: the frequency that passes at its own level. */
void impair_emphasis_create(struct impair_emphasis *emphasis, double rate_hz, double unity_hz, bool inverse);
float impair_emphasis_execute(struct impair_emphasis *emphasis, float sample);

#endif
