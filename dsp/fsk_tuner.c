/* SPDX-License-Identifier: Apache-2.0 */
#include "fsk_tuner.h"

#include <math.h>

#include "nrz_pulse.h"

#define MOST_HZ    3500.0
#define SPIN_LEAST 0.26F /* of the power: less is noise */
#define BLOCK_BITS 6.0   /* 120 samples at 192 kHz */
/* Of the power: noise has 0.3, a carrier that is lost up to 0.5, one that is read 0.6 and more. */
#define LOCKED 0.47F

enum {
    FOLLOW_BLOCKS = 12,
    /* Apart, of samples whose turns are summed: the noise that the channel filter lets through has nothing in
     * common there, so that it pulls nowhere. */
    SPIN_SAMPLES = 2
};

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
    tuner->last[0] = tuner->last[1] = tuner->spin = 0.0F;
    tuner->power = 0.0F;
    tuner->blocks = tuner->held = 0;
    tuner->retuned = false;
    tuner->retuned_at = 0.0;
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

/* The share of the channel's power that the best lane reads as its carrier. */
static float find_lock(const struct fsk_tuner *tuner)
{
    float most = 0.0F;
    for (unsigned b = 0; b < FSK_BANKS; b++)
        for (unsigned i = 0; i < FSK_LANES; i++)
            most = tuner->banks[b].power[i] > most ? tuner->banks[b].power[i] : most;
    return most * (FOLLOW_BLOCKS * (float)BLOCK_BITS * FSK_PER_BIT) / (tuner->power + 1e-20F);
}

/* The centre of the spectrum, if it is farther off than the lanes reach. */
static void follow(struct fsk_tuner *tuner)
{
    if (++tuner->blocks < FOLLOW_BLOCKS)
        return;
    double turns = (double)cargf(tuner->spin) / (2.0 * M_PI) / SPIN_SAMPLES;
    double off_hz = turns * NRZ_BIT_RATE * FSK_PER_BIT;
    float spin = sqrtf(crealf(tuner->spin) * crealf(tuner->spin) + cimagf(tuner->spin) * cimagf(tuner->spin));
    bool locked = find_lock(tuner) > LOCKED, noise = spin < SPIN_LEAST * tuner->power;
    tuner->spin = 0.0F;
    tuner->power = 0.0F;
    tuner->blocks = 0;
    if (locked)
        return;
    if (!noise)
        tuner->tuned_hz = fmin(fmax(tuner->tuned_hz + off_hz, -MOST_HZ), MOST_HZ);
    tuner->retuned = true;
    tuner->retuned_at = (double)tuner->re.total;
}

static void execute_block(struct fsk_tuner *tuner, struct bit_train trains[FSK_BRANCHES])
{
    mix(tuner);
    for (double newest = nrz_filter_newest(&tuner->re); tuner->at <= newest; tuner->at += tuner->step) {
        if (tuner->retuned && tuner->at >= tuner->retuned_at) {
            for (unsigned b = 0; b < FSK_BANKS; b++)
                fsk_bank_retune(&tuner->banks[b], (float)tuner->tuned_hz);
            tuner->retuned = false;
        }
        float complex sample = nrz_filter_execute(&tuner->re, tuner->at) +
                               nrz_filter_execute(&tuner->im, tuner->at) * _Complex_I;
        tuner->spin += sample * conjf(tuner->last[1]);
        tuner->power += crealf(sample) * crealf(sample) + cimagf(sample) * cimagf(sample);
        tuner->last[1] = tuner->last[0];
        tuner->last[0] = sample;
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
