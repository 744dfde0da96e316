/* SPDX-License-Identifier: Apache-2.0 */
#include "fsk_tuner.h"

#include <math.h>

#include "nrz_pulse.h"

void fsk_tuner_init(struct fsk_tuner *tuner, double rate_hz)
{
    tuner->rate_hz = rate_hz;
    tuner->step = rate_hz / NRZ_BIT_RATE / FSK_PER_BIT;
    nrz_filter_init(&tuner->re, rate_hz, nrz_channel);
    nrz_filter_init(&tuner->im, rate_hz, nrz_channel);
    fsk_tuner_reset(tuner);
}

void fsk_tuner_reset(struct fsk_tuner *tuner)
{
    nrz_filter_reset(&tuner->re);
    nrz_filter_reset(&tuner->im);
    tuner->at = 0.0;
    tuner->tuned_hz = 0.0;
    tuner->mixer = 1.0;
}

static void mix(struct fsk_tuner *tuner, const float complex *samples, unsigned count)
{
    float re[NRZ_CHUNK_MAX], im[NRZ_CHUNK_MAX];
    double complex turn = cexp(-2.0 * M_PI * tuner->tuned_hz / tuner->rate_hz * (double complex)_Complex_I);
    for (unsigned i = 0; i < count; i++) {
        float complex mixed = samples[i] * (float complex)tuner->mixer;
        re[i] = crealf(mixed);
        im[i] = cimagf(mixed);
        tuner->mixer *= turn;
    }
    double size = creal(tuner->mixer) * creal(tuner->mixer) + cimag(tuner->mixer) * cimag(tuner->mixer);
    tuner->mixer *= 1.5 - 0.5 * size; /* keeps to the unit circle for ever */
    nrz_filter_push(&tuner->re, re, count);
    nrz_filter_push(&tuner->im, im, count);
}

void fsk_tuner_execute(struct fsk_tuner *tuner, const float complex *samples, unsigned count,
                       struct fsk_bank *bank, struct bit_train trains[FSK_LANES])
{
    mix(tuner, samples, count);
    for (double newest = nrz_filter_newest(&tuner->re); tuner->at <= newest; tuner->at += tuner->step) {
        float complex sample = nrz_filter_execute(&tuner->re, tuner->at) +
                               nrz_filter_execute(&tuner->im, tuner->at) * _Complex_I;
        fsk_bank_execute(bank, sample, trains);
    }
}
