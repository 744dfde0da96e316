/* SPDX-License-Identifier: Apache-2.0 */
#include "rf_acquire.h"

#include <math.h>

#include "cpm_trellis.h"
#include "rf_trellis.h"

enum {
    BITS = RF_ACQUIRE_BITS,
    SHORT_BITS = 3 * RF_FLAG_BITS, /* where the flags have only just begun */
    SCALES = 7,
    OVERSAMPLING = 4, /* of carriers, beside what the bits resolve */
    ROUNDS = 2
};
#define DOUBT      4.0F
#define SCALE_STEP 1.25 /* weak audio is told too small, 2.5 times in the middle of the noise */
#define SURE       0.3F /* coherence: no other carrier will fit better */

/* Around what the AFC has, which strays in noise, and is slow to come. */
static const double centres_hz[] = {0.0, 600.0, -600.0, 1200.0, -1200.0, 1800.0, -1800.0};

struct trial {
    double complex tone[RF_TONES];     /* of the model, as the audio has it, state 0 at the first bit */
    float complex match[SCALES][BITS]; /* each bit against what it should be, at each scale */
    float power[BITS];
    unsigned samples[BITS];
    /* The best: */
    float score, coherence;
    unsigned scale, first; /* bit */
    double turn, carrier;
    double centre; /* what the carriers tried at present are around: turn in a bit */
};

/* The tones' amplitudes in the audio, which is the derivative of the carrier's phase. */
static void hear_tones(const struct rf_stretch *stretch, struct trial *trial)
{
    static const double turns[RF_TONES] = {[SPACE] = 2200.0 / 1200.0, [MARK] = 1.0};
    double complex sum[RF_TONES] = {0.0, 0.0};
    double count[RF_TONES] = {0.0, 0.0};
    double begin = stretch->audio_end - BITS * stretch->audio_length, mean = 0.0, all = 0.0;
    for (double at = ceil(begin); at < stretch->audio_end; at += 1.0, all += 1.0)
        mean += (double)stretch->audio[(uint64_t)at & stretch->audio_mask];
    mean /= fmax(all, 1.0);
    unsigned state = 0;
    for (unsigned bit = 0; bit < BITS; bit++) {
        unsigned tone = rf_flags_tone(bit, stretch->odd);
        double start = begin + bit * stretch->audio_length;
        double complex back = conj((double complex)rf_state_turn(state));
        double angle = 2.0 * M_PI * turns[tone] / stretch->audio_length, from = ceil(start) - start;
        const double complex step = cos(angle) - sin(angle) * (double complex)_Complex_I;
        back *= cos(angle * from) - sin(angle * from) * (double complex)_Complex_I;
        for (double at = ceil(start); at < start + stretch->audio_length; at += 1.0) {
            sum[tone] += ((double)stretch->audio[(uint64_t)at & stretch->audio_mask] - mean) * back;
            back *= step;
            count[tone] += 1.0;
        }
        state = tone == SPACE ? (state + 1) % RF_STATES : state;
    }
    for (unsigned tone = 0; tone < RF_TONES; tone++)
        trial->tone[tone] =
            2.0 * stretch->unity_hz / (1200.0 * turns[tone]) / fmax(count[tone], 1.0) * sum[tone];
}

static struct rf_model model_at(const struct rf_stretch *stretch, const struct trial *trial, unsigned scale,
                                unsigned bit)
{
    double factor = pow(SCALE_STEP, scale);
    return (struct rf_model){
        .start = stretch->end - (BITS - bit) * stretch->length,
        .length = stretch->length,
        .turn = trial->centre,
        .tone = {factor * trial->tone[0], factor * trial->tone[1]},
    };
}

static void match_bits(const struct rf_stretch *stretch, struct trial *trial)
{
    unsigned state = 0;
    for (unsigned b = 0; b < BITS; b++) {
        unsigned tone = rf_flags_tone(b, stretch->odd);
        struct rf_model model = model_at(stretch, trial, 0, b);
        struct rf_bit bit;
        rf_bit_read(&bit, &model, stretch->ring, stretch->mask);
        wide power = {0.0F};
        for (unsigned v = 0; v < bit.vectors; v++)
            power += bit.sample[v].re * bit.sample[v].re + bit.sample[v].im * bit.sample[v].im;
        trial->power[b] = wide_sum(power);
        trial->samples[b] = bit.samples;
        for (unsigned scale = 0; scale < SCALES; scale++) {
            model = model_at(stretch, trial, scale, b);
            trial->match[scale][b] = rf_trellis_match(&model, &bit, state, tone);
        }
        state = tone == SPACE ? (state + 1) % RF_STATES : state;
    }
}

/* Carriers up to 300 Hz off the centre: how far the last bits, from `first` on, add up in phase. */
static void scan(struct trial *trial, unsigned first)
{
    const int steps = OVERSAMPLING * (BITS - (int)first);
    float power = 0.0F, samples = 0.0F;
    for (unsigned b = first; b < BITS; b++) {
        power += trial->power[b];
        samples += (float)trial->samples[b];
    }
    for (int step = -steps / 4; step <= steps / 4 && power > 0.0F; step += WIDE) {
        wide turns = {0.0F};
        for (int k = 0; k < WIDE; k++)
            turns[k] = (float)(trial->centre * 0.5 / M_PI) + (float)(step + k) / (float)steps;
        const struct phasor ahead = phasor_of_turns(turns);
        for (unsigned scale = 0; scale < SCALES; scale++) {
            struct phasor sum = {{0.0F}, {0.0F}}; /* Horner's rule, from the last bit on */
            for (unsigned b = BITS; b-- > first;) {
                wide re = sum.re * ahead.re + sum.im * ahead.im + crealf(trial->match[scale][b]);
                sum.im = sum.im * ahead.re - sum.re * ahead.im + cimagf(trial->match[scale][b]);
                sum.re = re;
            }
            wide score = (sum.re * sum.re + sum.im * sum.im) / power;
            for (unsigned k = 0; k < WIDE; k++)
                if (score[k] > trial->score) {
                    trial->score = score[k];
                    trial->coherence = score[k] / samples;
                    trial->scale = scale;
                    trial->first = first;
                    trial->turn = 2.0 * M_PI * (double)turns[k];
                    trial->carrier = (double)atan2f(sum.im[k], sum.re[k]);
                }
        }
    }
}

/* Along the known bits, and once more with what they have taught. */
static bool refine(const struct rf_stretch *stretch, unsigned first, struct rf_acquired *acquired)
{
    for (int round = 0; round < ROUNDS; round++) {
        if (!(acquired->model.start >= 0.0))
            return false;
        unsigned state = 0;
        rf_learner_doubt(&acquired->learner);
        for (unsigned b = first; b < BITS; b++) {
            unsigned tone = rf_flags_tone(b, stretch->odd);
            struct rf_bit bit;
            rf_bit_read(&bit, &acquired->model, stretch->ring, stretch->mask);
            if (!rf_learner_learn(&acquired->learner, &acquired->model, &acquired->model, &bit, state, tone))
                return false;
            rf_learner_advance(&acquired->learner, &acquired->model);
            state = tone == SPACE ? (state + 1) % RF_STATES : state;
        }
        rf_model_advance(&acquired->model, -(int)(BITS - first));
    }
    for (unsigned i = 0; i < RF_UNKNOWNS; i++) /* the lane reads the same bits again */
        for (unsigned v = 0; v < RF_LEARNER_VECTORS; v++)
            acquired->learner.covariance[i][v] *= DOUBT;
    return acquired->model.start > 0.0;
}

bool rf_acquire(const struct rf_stretch *stretch, struct rf_acquired *acquired)
{
    struct trial trial = {.score = 0.0F};
    if (stretch->end < (BITS + 1) * stretch->length || stretch->audio_end < BITS * stretch->audio_length)
        return false;
    hear_tones(stretch, &trial);
    for (size_t i = 0; i < sizeof centres_hz / sizeof *centres_hz && trial.coherence < SURE; i++) {
        trial.centre = stretch->turn + 2.0 * M_PI * centres_hz[i] / 1200.0;
        match_bits(stretch, &trial);
        scan(&trial, 0);
        scan(&trial, BITS - SHORT_BITS);
    }
    acquired->score = trial.score;
    if (trial.score < stretch->score_least)
        return false;
    float power = 0.0F, samples = 0.0F;
    for (unsigned b = trial.first; b < BITS; b++) {
        power += trial.power[b];
        samples += (float)trial.samples[b];
    }
    unsigned state = 0;
    for (unsigned b = 0; b < trial.first; b++)
        state = rf_flags_tone(b, stretch->odd) == SPACE ? (state + 1) % RF_STATES : state;
    acquired->coherence = trial.coherence;
    acquired->model = model_at(stretch, &trial, trial.scale, trial.first);
    acquired->model.turn = trial.turn;
    acquired->model.carrier = trial.carrier;
    acquired->model.tone[SPACE] *= (double complex)rf_state_turn(state);
    acquired->model.tone[MARK] *= (double complex)rf_state_turn(state);
    rf_learner_reset(&acquired->learner, stretch->length, stretch->noise_rate, stretch->caution);
    acquired->learner.power = power / samples;
    acquired->learner.amplitude = sqrtf(acquired->coherence * acquired->learner.power);
    return refine(stretch, trial.first, acquired);
}
