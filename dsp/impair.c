/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/dsp/impair.h"

#include <math.h>

static uint64_t rotate_left(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

/* splitmix64 spreads the seed over the state, as the authors of xoshiro advise (Blackman and Vigna, 2018). */
void impair_random_seed(struct impair_random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        seed += 0x9e3779b97f4a7c15U;
        uint64_t z = seed;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
        z = (z ^ z >> 27) * 0x94d049bb133111ebU;
        random->state[i] = z ^ z >> 31;
    }
}

/* xoshiro256++ 1.0 */
uint64_t impair_random_next(struct impair_random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate_left(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double impair_random_uniform(struct impair_random *random)
{
    return (double)(impair_random_next(random) >> 11) * 0x1p-53;
}

/* Box and Muller; one of the pair is thrown away, so that the state is the generator's alone. */
double impair_random_normal(struct impair_random *random)
{
    double u = 1.0 - impair_random_uniform(random); /* (0, 1]: its logarithm is finite */
    double v = impair_random_uniform(random);
    return sqrt(-2.0 * log(u)) * cos(2.0 * M_PI * v);
}

double impair_noise_sigma(double power, double rate_hz, double bit_rate, double ebn0_db)
{
    return sqrt(power * rate_hz / (2.0 * bit_rate * pow(10.0, ebn0_db / 10.0)));
}

void impair_add_noise(struct impair_random *random, float *audio, size_t count, double sigma)
{
    for (size_t i = 0; i < count; i++)
        audio[i] = (float)((double)audio[i] + sigma * impair_random_normal(random));
}

double impair_cnr_sigma(double rate_hz, double cnr_db)
{
    return sqrt(rate_hz / (2.0 * IMPAIR_CNR_WIDTH_HZ * pow(10.0, cnr_db / 10.0)));
}

void impair_add_noise_iq(struct impair_random *random, float complex *iq, size_t count, double sigma)
{
    for (size_t i = 0; i < count; i++) {
        /* Box and Muller again: both of the pair are of use here. */
        double radius = sigma * sqrt(-2.0 * log(1.0 - impair_random_uniform(random)));
        double angle = 2.0 * M_PI * impair_random_uniform(random);
        iq[i] += (float)(radius * cos(angle)) + (float)(radius * sin(angle)) * _Complex_I;
    }
}

void impair_clip(float *audio, size_t count, float limit)
{
    for (size_t i = 0; i < count; i++)
        audio[i] = fminf(fmaxf(audio[i], -limit), limit);
}
