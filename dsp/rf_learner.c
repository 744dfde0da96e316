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
static const float at_first[RF_UNKNOWNS] = {
    [RF_CARRIER] = 0.3F, [RF_TURN] = 2e-4F,  [RF_SPACE_RE] = 0.1F, [RF_SPACE_IM] = 0.1F, [RF_MARK_RE] = 0.1F,
    [RF_MARK_IM] = 0.1F, [RF_START] = 4e-3F, [RF_LENGTH] = 1e-5F,  [RF_DRIFT] = 1e-7F};
static const float anew[RF_UNKNOWNS] = {[RF_CARRIER] = 1e-4F,  [RF_TURN] = 1e-6F,    [RF_SPACE_RE] = 1e-5F,
                                        [RF_SPACE_IM] = 1e-5F, [RF_MARK_RE] = 1e-5F, [RF_MARK_IM] = 1e-5F,
                                        [RF_START] = 1e-7F,    [RF_LENGTH] = 1e-10F, [RF_DRIFT] = 1e-10F};

/* Uncertainties of their own, added. */
static void add_variances(struct rf_learner *learner, const float variance[RF_UNKNOWNS])
{
    for (unsigned v = 0; v < RF_LEARNER_VECTORS; v++) {
        const wide own = wide_load(&variance[v * WIDE]);
        for (unsigned k = 0; k < WIDE; k++) {
            const wide_int numbers = {0, 1, 2, 3}, here = numbers == (wide_int){0} + (int32_t)k;
            learner->covariance[v * WIDE + k][v] += (wide)((wide_int)own & here);
        }
    }
}

void rf_learner_doubt(struct rf_learner *learner)
{
    memset(learner->covariance, 0, sizeof learner->covariance);
    add_variances(learner, at_first);
}

void rf_learner_reset(struct rf_learner *learner, double length, float noise_rate, float caution)
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
    float error;
    wide slope[RF_LEARNER_VECTORS];
    float along, power, count;
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
    glance->count = seen[0];
    glance->error = seen[1];
    glance->along = seen[2];
    glance->power = seen[3];
    const float own_re = slopes[3], own_im = wide_sum(z_re);
    const float rest_re = glance->count * turned_im, rest_im = glance->count * turned_re;
    const float start =
        -(6.2831853F * turns[tone] + (float)model->drift) * slopes[1] - (float)model->turn * glance->count;
    glance->slope[0] = (wide){glance->count, start, slopes[2], 0.0F};
    glance->slope[1] = (wide){slopes[0], 0.0F, 0.0F, 0.0F};
    glance->slope[2] = tone == MARK ? (wide){rest_re, rest_im, own_re - rest_re, own_im - rest_im}
                                    : (wide){own_re, own_im, 0.0F, 0.0F};
}

static inline bool is_named(unsigned unknown)
{
    return unknown != RF_DRIFT + 1 && unknown != RF_LENGTH + 1 && unknown != RF_LENGTH + 2;
}

/* One measurement of a number: the textbook's update. `known` is what this bit has taught so far. The
 * covariance is symmetric; by rows its sums are vectors. */
static void update(struct rf_learner *learner, const struct glance *glance, float noise,
                   wide known[RF_LEARNER_VECTORS])
{
    wide gain[RF_LEARNER_VECTORS] = {{0.0F}}, spread = {0.0F}, told = {0.0F};
    for (unsigned i = 0; i < RF_UNKNOWNS; i++)
        for (unsigned v = 0; v < RF_LEARNER_VECTORS && is_named(i) && i != RF_LENGTH; v++)
            gain[v] += glance->slope[i / WIDE][i % WIDE] * learner->covariance[i][v];
    for (unsigned v = 0; v < RF_LEARNER_VECTORS; v++) {
        spread += glance->slope[v] * gain[v];
        told += glance->slope[v] * known[v];
    }
    const float scale = 1.0F / (glance->count * noise + wide_sum(spread));
    const float error = glance->error / learner->amplitude - wide_sum(told);
    for (unsigned v = 0; v < RF_LEARNER_VECTORS; v++)
        known[v] += scale * error * gain[v];
    for (unsigned i = 0; i < RF_UNKNOWNS; i++) {
        const float share = scale * gain[i / WIDE][i % WIDE];
        for (unsigned v = 0; v < RF_LEARNER_VECTORS && is_named(i); v++)
            learner->covariance[i][v] -= share * gain[v];
    }
}

/* By how much another model differs, as an error of the numbers. */
static void compare(const struct rf_model *model, const struct rf_model *other,
                    wide known[RF_LEARNER_VECTORS])
{
    const double carrier = model->carrier - other->carrier;
    const double complex space = model->tone[SPACE] - other->tone[SPACE],
                         mark = model->tone[MARK] - other->tone[MARK];
    known[0] = (wide){(float)(carrier - 2.0 * M_PI * rint(carrier * (0.5 / M_PI))),
                      (float)((model->start - other->start) / other->length),
                      (float)(model->drift - other->drift), 0.0F};
    known[1] =
        (wide){(float)(model->turn - other->turn), (float)(model->length / other->length - 1.0), 0.0F, 0.0F};
    known[2] = (wide){(float)creal(space), (float)cimag(space), (float)creal(mark), (float)cimag(mark)};
}

static double square(double complex z)
{
    return creal(z) * creal(z) + cimag(z) * cimag(z);
}

static bool believe(const struct rf_learner *learner, struct rf_model *model, const struct rf_model *seen,
                    const wide known[RF_LEARNER_VECTORS])
{
    const wide first = known[0], second = known[1], tones = known[2];
    *model = *seen;
    model->carrier += (double)first[RF_CARRIER];
    model->turn += (double)second[RF_TURN % WIDE];
    model->tone[SPACE] += (double complex)(tones[0] + tones[1] * _Complex_I);
    model->tone[MARK] += (double complex)(tones[2] + tones[3] * _Complex_I);
    model->start += (double)first[RF_START] * model->length;
    model->length *= 1.0 + (double)second[RF_LENGTH % WIDE];
    model->drift += (double)first[RF_DRIFT];
    /* Comparisons that are false for what is no number. */
    return model->start >= 0.0 && fabs(model->carrier) < 1e3 && fabs(model->turn) < TURN_MOST &&
           fabsf(first[RF_START]) < 1.0F && model->length > learner->least_length &&
           model->length < learner->most_length && fabs(model->drift) < DRIFT_MOST &&
           square(model->tone[SPACE]) < SWING_MOST * SWING_MOST &&
           square(model->tone[MARK]) < SWING_MOST * SWING_MOST;
}

bool rf_learner_learn(struct rf_learner *learner, struct rf_model *model, const struct rf_model *seen,
                      const struct rf_bit *bit, unsigned state, unsigned tone)
{
    const struct rf_wave wave = rf_model_wave(seen, state, tone);
    const float own = learner->amplitude * learner->amplitude, rest = learner->power - own;
    const float noise = 0.5F * learner->caution * learner->noise_rate * fmaxf(rest / own, NOISE_LEAST);
    wide known[RF_LEARNER_VECTORS];
    float along = 0.0F, power = 0.0F;
    compare(model, seen, known);
    for (unsigned v = 0; v < bit->vectors; v++) {
        struct glance glance;
        look(seen, &wave, bit, state, tone, v, &glance);
        update(learner, &glance, noise, known);
        along += glance.along;
        power += glance.power;
    }
    const float samples = (float)bit->samples;
    learner->power += LEVEL_RATE * (power / samples - learner->power);
    learner->amplitude += LEVEL_RATE * (fmaxf(along / samples, 0.0F) - learner->amplitude);
    learner->amplitude = fmaxf(learner->amplitude, AMPLITUDE_LEAST * sqrtf(learner->power));
    return learner->amplitude > 0.0F && believe(learner, model, seen, known);
}

/* Errors of the numbers, a bit later: of the columns, which are vectors across the rows, and then of each
 * row. */
void rf_learner_advance(struct rf_learner *learner, struct rf_model *model)
{
    rf_model_advance(model, 1);
    const float complex turn = rf_turn((float)model->drift);
    const float c = crealf(turn), s = cimagf(turn);
    const wide sine = {-s, s, -s, s};
    const wide ahead = {-(float)cimag(model->tone[SPACE]), (float)creal(model->tone[SPACE]),
                        -(float)cimag(model->tone[MARK]), (float)creal(model->tone[MARK])};
    for (unsigned v = 0; v < RF_LEARNER_VECTORS; v++) {
        wide(*row)[RF_LEARNER_VECTORS] = learner->covariance;
        row[RF_CARRIER][v] += row[RF_TURN][v];
        row[RF_START][v] += row[RF_LENGTH][v];
        for (unsigned re = RF_SPACE_RE; re <= RF_MARK_RE; re += 2) {
            const wide was = row[re][v], beside = row[re + 1][v], drift = row[RF_DRIFT][v];
            row[re][v] = c * was - s * beside + ahead[re % WIDE] * drift;
            row[re + 1][v] = s * was + c * beside + ahead[re % WIDE + 1] * drift;
        }
    }
    for (unsigned i = 0; i < RF_UNKNOWNS; i++) {
        wide *row = learner->covariance[i];
        const wide tones = row[2];
        row[0] += row[1];
        row[2] =
            c * tones + sine * __builtin_shufflevector(tones, tones, 1, 0, 3, 2) + row[0][RF_DRIFT] * ahead;
    }
    add_variances(learner, anew);
}
_Static_assert(SPACE == 0 && MARK == 1 && RF_MARK_RE == RF_SPACE_RE + 2, "advancing counts on the order");

float rf_learner_snr(const struct rf_learner *learner, const struct rf_model *model)
{
    const float square = learner->amplitude * learner->amplitude;
    float noise = fmaxf(learner->power - square, 1e-6F * square) * learner->noise_rate;
    return noise > 0.0F ? square * (float)model->length / noise : 0.0F;
}
