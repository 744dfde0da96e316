/* SPDX-License-Identifier: Apache-2.0 */
/* Impairments for generated signals: `atalaya encode`, tests and benchmarks. Not used in reception. */
#ifndef ATALAYA_DSP_IMPAIR_H
#define ATALAYA_DSP_IMPAIR_H

#include <stddef.h>
#include <stdint.h>

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

#endif
