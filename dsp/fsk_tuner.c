/* SPDX-License-Identifier: Apache-2.0 */
#include "fsk_tuner.h"

#include <math.h>

#include "nrz_pulse.h"

#define MOST_HZ    3500.0
#define FOLLOW_HZ  800.0
#define SPIN_RATE  0.03F
#define BLOCK_BITS 6.0 /* 120 samples at 192 kHz */

enum { FOLLOW_BLOCKS = 16 };

/* Most senders have 3 kHz; others are caught from below and above. */
static const float home_hz[FSK_BANKS][FSK_LANES] = {{3000.0F, 3000.0F, 3000.0F, 3000.0F},
                                                    {3800.0F, 2200.0F, 3800.0F, 2200.0F}};

void fsk_tuner_init(struct fsk_tuner *tuner, double rate_hz)
{
    tuner->rate_hz = rate_hz;
    tuner->block = (unsigned)(BLOCK_BITS * rate_hz / NRZ_BIT_RATE);
    tuner->step = rate_hz / NRZ_BIT_RATE / FSK_PER_BIT;
    nrz_filter_init(&tuner->re, rate_hz, nrz_channel);
    nrz_filter_init(&tuner->im, rate_hz, nrz_channel);
    fsk_shape_table_init(&tuner->table);
    for (unsigned b = 0; b < FSK_BANKS; b++)
        fsk_bank_init(&tuner->banks[b], &tuner->table, home_hz[b]);
    fsk_tuner_reset(tuner);
}

void fsk_tuner_reset(struct fsk_tuner *tuner)
{
    nrz_filter_reset(&tuner->re);
    nrz_filter_reset(&tuner->im);
    tuner->at = 0.0;
    tuner->tuned_hz = 0.0;
    tuner->mixer = 1.0;
    tuner->last = tuner->spin = 0.0F;
    tuner->blocks = tuner->held = 0;
    tuner->higher_hz = tuner->higher_at = 0.0;
    for (unsigned b = 0; b < FSK_BANKS; b++)
        fsk_bank_reset(&tuner->banks[b]);
}

static void mix(struct fsk_tuner *tuner)
{
    const unsigned count = tuner->block;
    float re[NRZ_CHUNK_MAX], im[NRZ_CHUNK_MAX];
    double complex turn = cexp(-2.0 * M_PI * tuner->tuned_hz / tuner->rate_hz * (double complex)_Complex_I);
    for (unsigned i = 0; i < count; i++) {
        float complex mixed = tuner->input[i] * (float complex)tuner->mixer;
        re[i] = crealf(mixed);
        im[i] = cimagf(mixed);
        tuner->mixer *= turn;
    }
    double size = creal(tuner->mixer) * creal(tuner->mixer) + cimag(tuner->mixer) * cimag(tuner->mixer);
    tuner->mixer *= 1.5 - 0.5 * size; /* keeps to the unit circle for ever */
    nrz_filter_push(&tuner->re, re, count);
    nrz_filter_push(&tuner->im, im, count);
}

/* The centre of the spectrum, if it is farther off than the lanes reach. Noise in the channel makes it look
 * nearer than it is, the lanes do the rest. */
static void follow(struct fsk_tuner *tuner)
{
    tuner->spin *= 1.0F - SPIN_RATE;
    double off_hz = (double)cargf(tuner->spin) / (2.0 * M_PI) * NRZ_BIT_RATE * FSK_PER_BIT;
    if (++tuner->blocks < FOLLOW_BLOCKS || fabs(off_hz) < FOLLOW_HZ)
        return;
    double before_hz = tuner->tuned_hz;
    tuner->tuned_hz = fmin(fmax(before_hz + off_hz, -MOST_HZ), MOST_HZ);
    tuner->higher_hz = tuner->tuned_hz - before_hz;
    tuner->higher_at = (double)tuner->re.total;
    tuner->spin = 0.0F;
    tuner->blocks = 0;
}

static void execute_block(struct fsk_tuner *tuner, struct bit_train trains[FSK_BRANCHES])
{
    mix(tuner);
    for (double newest = nrz_filter_newest(&tuner->re); tuner->at <= newest; tuner->at += tuner->step) {
        if (tuner->higher_hz != 0.0 && tuner->at >= tuner->higher_at) {
            for (unsigned b = 0; b < FSK_BANKS; b++)
                fsk_bank_retune(&tuner->banks[b], tuner->higher_hz);
            tuner->higher_hz = 0.0;
        }
        float complex sample = nrz_filter_execute(&tuner->re, tuner->at) +
                               nrz_filter_execute(&tuner->im, tuner->at) * _Complex_I;
        tuner->spin += sample * conjf(tuner->last);
        tuner->last = sample;
        for (unsigned b = 0; b < FSK_BANKS; b++)
            fsk_bank_execute(&tuner->banks[b], sample, trains + b * FSK_LANES);
    }
    follow(tuner);
}

void fsk_tuner_execute(struct fsk_tuner *tuner, const float complex *samples, unsigned count,
                       struct bit_train trains[FSK_BRANCHES])
{
    for (unsigned i = 0; i < count; i++) {
        tuner->input[tuner->held++] = samples[i];
        if (tuner->held < tuner->block)
            continue;
        execute_block(tuner, trains);
        tuner->held = 0;
    }
}
