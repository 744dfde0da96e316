/* SPDX-License-Identifier: Apache-2.0 */
#include "rf_learner.h"

#include <math.h>
#include <string.h>

#include "cpm_trellis.h"

#define LEVEL_RATE 0.05F
#define AMPLITUDE_LEAST                                                                                      \
    0.02F                /* of the root of the power: a fade is no reason to believe nothing ever again */
#define NOISE_LEAST 0.1F /* of the carrier's power: the model is not exact */
#define CLOCK_RANGE 0.015
#define DRIFT_MOST  0.2 /* radians a bit: 38 Hz */
#define TURN_MOST   25.0
#define SWING_MOST  8.0 /* radians: 9.6 kHz of deviation at 1200 Hz */

/* What the search leaves unknown, and what becomes unknown again in a bit: variances. */
static const double at_first[RF_UNKNOWNS] = {0.3, 2e-4, 0.1, 0.1, 0.1, 0.1, 4e-3, 1e-5, 1e-7};
static const double anew[RF_UNKNOWNS] = {1e-4, 1e-6, 1e-5, 1e-5, 1e-5, 1e-5, 1e-7, 1e-10, 1e-10};

void rf_learner_doubt(struct rf_learner *learner)
{
    memset(learner->covariance, 0, sizeof learner->covariance);
    for (int i = 0; i < RF_UNKNOWNS; i++)
        learner->covariance[i][i] = at_first[i];
}

void rf_learner_reset(struct rf_learner *learner, double length, double noise_rate, double caution)
{
    *learner = (struct rf_learner){0};
    rf_learner_doubt(learner);
    learner->noise_rate = noise_rate;
    learner->caution = caution;
    learner->least_length = (1.0 - CLOCK_RANGE) * length;
    learner->most_length = (1.0 + CLOCK_RANGE) * length;
}

/* What WIDE samples say: phase error, and by how much each unknown would cause one. */
struct glance {
    double error, slope[RF_UNKNOWNS];
    double along, power, count;
};

static void look(const struct rf_model *model, const struct rf_wave *wave, const struct rf_bit *bit,
                 unsigned state, unsigned tone, unsigned v, struct glance *glance)
{
    static const float turns[RF_TONES] = {[SPACE] = 2200.0F / 1200.0F, [MARK] = 1.0F};
    const float to_turns = 0.15915494F, re = crealf(wave->swing), im = cimagf(wave->swing);
    const float complex turned = rf_state_turn(state);
    const float turned_re = crealf(turned), turned_im = cimagf(turned);
    const wide number = (float)(v * WIDE) + (wide){0.0F, 1.0F, 2.0F, 3.0F};
    const wide all = {1.0F, 1.0F, 1.0F, 1.0F}, nothing = {0.0F};
    const wide present = wide_choose(number < nothing + (float)bit->samples, all, nothing);
    const struct phasor z = bit->tone[tone][v], sample = bit->sample[v];
    const wide swing_im = re * z.im + im * z.re, swing_re = (re * z.re - im * z.im) * present;
    const struct phasor carrier = phasor_of_turns(to_turns * (cimagf(wave->base) + swing_im));
    const wide z_re = (turned_re * z.re - turned_im * z.im) * present,
               z_im = (turned_re * z.im + turned_im * z.re) * present;
    const wide seen = wide_sums(present, sample.im * carrier.re - sample.re * carrier.im,
                                sample.re * carrier.re + sample.im * carrier.im,
                                sample.re * sample.re + sample.im * sample.im);
    const wide slopes = wide_sums(bit->place[v] * present, swing_re, bit->place[v] * swing_re, z_im);
    glance->count = (double)seen[0];
    glance->error = (double)seen[1];
    glance->along = (double)seen[2];
    glance->power = (double)seen[3];
    double *slope = glance->slope;
    const double swing = (double)slopes[1];
    slope[RF_CARRIER] = glance->count;
    slope[RF_TURN] = (double)slopes[0];
    slope[RF_START] =
        -(2.0 * M_PI * (double)turns[tone] + model->drift) * swing - model->turn * glance->count;
    slope[RF_LENGTH] = 0.0;
    slope[RF_DRIFT] = (double)slopes[2];
    double own_re = (double)slopes[3], own_im = (double)wide_sum(z_re);
    double rest_re = glance->count * (double)turned_im, rest_im = glance->count * (double)turned_re;
    bool mark = tone == MARK;
    slope[RF_SPACE_RE] = mark ? rest_re : own_re;
    slope[RF_SPACE_IM] = mark ? rest_im : own_im;
    slope[RF_MARK_RE] = mark ? own_re - rest_re : 0.0;
    slope[RF_MARK_IM] = mark ? own_im - rest_im : 0.0;
}

/* One measurement of a number: the textbook's update. `known` is what this bit has taught so far. The
 * covariance is symmetric; by rows its sums are vectors. */
static void update(struct rf_learner *learner, const struct glance *glance, double noise,
                   double known[RF_LEARNER_ROW])
{
    double gain[RF_LEARNER_ROW] = {0.0}, spread = glance->count * noise,
           error = glance->error / (double)learner->amplitude;
    for (int i = 0; i < RF_UNKNOWNS; i++)
        for (int k = 0; k < RF_LEARNER_ROW; k++)
            gain[k] += glance->slope[i] * learner->covariance[i][k];
    for (int i = 0; i < RF_UNKNOWNS; i++) {
        spread += glance->slope[i] * gain[i];
        error -= glance->slope[i] * known[i];
    }
    const double scale = 1.0 / spread;
    for (int i = 0; i < RF_UNKNOWNS; i++) {
        const double share = gain[i] * scale;
        known[i] += share * error;
        for (int k = 0; k < RF_LEARNER_ROW; k++)
            learner->covariance[i][k] -= share * gain[k];
    }
}

static bool believe(const struct rf_learner *learner, struct rf_model *model, const double known[RF_UNKNOWNS])
{
    model->carrier += known[RF_CARRIER];
    model->turn += known[RF_TURN];
    model->tone[SPACE] += known[RF_SPACE_RE] + known[RF_SPACE_IM] * (double complex)_Complex_I;
    model->tone[MARK] += known[RF_MARK_RE] + known[RF_MARK_IM] * (double complex)_Complex_I;
    model->start += known[RF_START] * model->length;
    model->length *= 1.0 + known[RF_LENGTH];
    model->drift += known[RF_DRIFT];
    /* Comparisons that are false for what is no number. */
    return model->start >= 0.0 && fabs(model->carrier) < 1e3 && fabs(model->turn) < TURN_MOST &&
           fabs(known[RF_START]) < 1.0 && model->length > learner->least_length &&
           model->length < learner->most_length && fabs(model->drift) < DRIFT_MOST &&
           cabs(model->tone[SPACE]) < SWING_MOST && cabs(model->tone[MARK]) < SWING_MOST;
}

bool rf_learner_learn(struct rf_learner *learner, struct rf_model *model, const struct rf_bit *bit,
                      unsigned state, unsigned tone)
{
    const struct rf_wave wave = rf_model_wave(model, state, tone);
    const float square = learner->amplitude * learner->amplitude, rest = learner->power - square;
    double noise =
        0.5 * learner->caution * learner->noise_rate * (double)(fmaxf(rest, NOISE_LEAST * square) / square);
    double known[RF_LEARNER_ROW] = {0.0}, along = 0.0, power = 0.0;
    for (unsigned v = 0; v < bit->vectors; v++) {
        struct glance glance;
        look(model, &wave, bit, state, tone, v, &glance);
        update(learner, &glance, noise, known);
        along += glance.along;
        power += glance.power;
    }
    const float samples = (float)bit->samples;
    learner->power += LEVEL_RATE * ((float)power / samples - learner->power);
    learner->amplitude += LEVEL_RATE * (fmaxf((float)along / samples, 0.0F) - learner->amplitude);
    learner->amplitude = fmaxf(learner->amplitude, AMPLITUDE_LEAST * sqrtf(learner->power));
    return learner->amplitude > 0.0F && believe(learner, model, known);
}

/* Errors of the numbers, a bit later: of all columns at once. */
static void carry_rows(double covariance[RF_UNKNOWNS][RF_LEARNER_ROW], const struct rf_model *model, double c,
                       double s)
{
    for (int k = 0; k < RF_LEARNER_ROW; k++) {
        covariance[RF_CARRIER][k] += covariance[RF_TURN][k];
        covariance[RF_START][k] += covariance[RF_LENGTH][k];
    }
    for (int tone = SPACE; tone <= MARK; tone++) {
        double *re = covariance[RF_SPACE_RE + 2 * tone], *im = covariance[RF_SPACE_IM + 2 * tone];
        const double *drift = covariance[RF_DRIFT];
        const double by_re = creal(model->tone[tone]), by_im = cimag(model->tone[tone]);
        for (int k = 0; k < RF_LEARNER_ROW; k++) {
            double moved = c * re[k] - s * im[k] - by_im * drift[k];
            im[k] = s * re[k] + c * im[k] + by_re * drift[k];
            re[k] = moved;
        }
    }
}

/* And of one row. */
static void carry_columns(double row[RF_LEARNER_ROW], const struct rf_model *model, double c, double s)
{
    row[RF_CARRIER] += row[RF_TURN];
    row[RF_START] += row[RF_LENGTH];
    for (int tone = SPACE; tone <= MARK; tone++) {
        double *re = &row[RF_SPACE_RE + 2 * tone], *im = &row[RF_SPACE_IM + 2 * tone];
        double moved = c * *re - s * *im - cimag(model->tone[tone]) * row[RF_DRIFT];
        *im = s * *re + c * *im + creal(model->tone[tone]) * row[RF_DRIFT];
        *re = moved;
    }
}
_Static_assert(SPACE == 0 && MARK == 1 && RF_MARK_RE == RF_SPACE_RE + 2, "carrying counts on the order");

void rf_learner_advance(struct rf_learner *learner, struct rf_model *model)
{
    rf_model_advance(model, 1);
    const double c = cos(model->drift), s = sin(model->drift);
    carry_rows(learner->covariance, model, c, s);
    for (int i = 0; i < RF_UNKNOWNS; i++) {
        carry_columns(learner->covariance[i], model, c, s);
        learner->covariance[i][i] += anew[i];
    }
}

float rf_learner_snr(const struct rf_learner *learner, const struct rf_model *model)
{
    const float square = learner->amplitude * learner->amplitude;
    float noise = fmaxf(learner->power - square, 1e-6F * square) * (float)learner->noise_rate;
    return noise > 0.0F ? square * (float)model->length / noise : 0.0F;
}
