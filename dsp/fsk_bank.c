/* SPDX-License-Identifier: Apache-2.0 */
#include "fsk_bank.h"

#include <math.h>
#include <string.h>

#include "nrz_pulse.h"

enum { DEVIATION_EVERY = 16 }; /* bits after which other shapes may be taken */

#define POWER_RATE          (1.0F / 32.0F)
#define FREQUENCY_RATE      0.002F
#define FREQUENCY_LIMIT     0.8F /* radians a bit: 1200 Hz */
#define DEVIATION_RATE      8.0F /* Hz */
#define DEVIATION_HOME_RATE 0.001F
#define DEVIATION_MOST_HZ   (FSK_DEVIATION_LEAST_HZ + (FSK_DEVIATIONS - 1) * FSK_DEVIATION_STEP_HZ)
#define POWER_LEAST         1e-12F
#define RELIABILITY_UNIT    1000.0F /* of an alternative that costs as much as a bit's energy */
#define COST_MOST           65535.0F

static void use_deviation(struct fsk_bank *bank, unsigned i)
{
    float place = (bank->deviation_hz[i] - FSK_DEVIATION_LEAST_HZ) / FSK_DEVIATION_STEP_HZ;
    unsigned step = (unsigned)(place + 0.5F);
    if (step == bank->step[i] || step >= FSK_DEVIATIONS)
        return;
    bank->step[i] = step;
    fsk_shape_table_use(bank->table, step, &bank->shapes, i);
}

void fsk_bank_init(struct fsk_bank *bank, const struct fsk_shape_table *table, const float home_hz[FSK_LANES])
{
    bank->table = table;
    memcpy(bank->home_hz, home_hz, sizeof bank->home_hz);
    fsk_bank_reset(bank);
}

void fsk_bank_reset(struct fsk_bank *bank)
{
    fsk_trellis_reset(&bank->trellis);
    memset(bank->grid, 0, sizeof bank->grid);
    bank->total = 0;
    bank->tuned_hz = 0.0F;
    for (unsigned i = 0; i < FSK_LANES; i++) {
        bank->frequency[i] = bank->power[i] = bank->weight[i] = 0.0F;
        bank->deviation_hz[i] = bank->home_hz[i];
        bank->step[i] = FSK_DEVIATIONS;
        use_deviation(bank, i);
    }
}

static float limit(float value, float most)
{
    float bounded = value < most ? value : most;
    return bounded > -most ? bounded : -most;
}

void fsk_bank_retune(struct fsk_bank *bank, float tuned_hz)
{
    bank->tuned_hz = tuned_hz;
    for (unsigned i = 0; i < FSK_LANES; i++)
        bank->frequency[i] = 0.0F;
}

/* Lane i is i grid samples behind the newest. */
static void fetch(const struct fsk_bank *bank, struct fsk_bit *bit)
{
    for (unsigned i = 0; i < FSK_LANES; i++) {
        uint64_t first = bank->total - FSK_PER_BIT - i + FSK_GRID;
        for (unsigned k = 0; k < FSK_PER_BIT; k++) {
            float complex sample = bank->grid[(first + k) % FSK_GRID];
            bit->re[k][i] = crealf(sample);
            bit->im[k][i] = cimagf(sample);
        }
        float x = bank->frequency[i], xx = x * x;
        bit->turn_re[i] = 1.0F - xx * (0.5F - xx / 24.0F);
        bit->turn_im[i] = x * (1.0F - xx * (1.0F / 6.0F - xx / 120.0F));
    }
}

/* A deviation that is off by a part adds that part of each bit's turn to the phase error, until the carrier's
 * estimate has followed. */
static void learn_deviation(struct fsk_bank *bank, unsigned i, float error)
{
    float sign = (bank->trellis.best[i] >> FSK_AHEAD & 1U) != 0 ? 1.0F : -1.0F;
    bank->weight[i] += sign - FSK_CARRIER_RATE * bank->weight[i];
    float deviation = bank->deviation_hz[i] + DEVIATION_RATE * error * bank->weight[i] +
                      DEVIATION_HOME_RATE * (bank->home_hz[i] - bank->deviation_hz[i]);
    bank->deviation_hz[i] = fminf(fmaxf(deviation, FSK_DEVIATION_LEAST_HZ), DEVIATION_MOST_HZ);
    if (bank->trellis.steps % DEVIATION_EVERY == i * DEVIATION_EVERY / FSK_LANES)
        use_deviation(bank, i);
}

static void learn(struct fsk_bank *bank)
{
    for (unsigned i = 0; i < FSK_LANES; i++) {
        float re = bank->trellis.best_re[i], im = bank->trellis.best_im[i];
        bank->power[i] += POWER_RATE * (re - bank->power[i]);
        float power = bank->power[i] > POWER_LEAST ? bank->power[i] : POWER_LEAST;
        float error = limit(im / power, 1.0F);
        bank->frequency[i] = limit(bank->frequency[i] + FREQUENCY_RATE * error, FREQUENCY_LIMIT);
        learn_deviation(bank, i, error);
    }
}

/* Of the bit at hand, whose decision comes later. */
static void remember(struct fsk_bank *bank, unsigned i)
{
    if (bank->trellis.steps <= FSK_AHEAD)
        return;
    bank->seen[i][(bank->trellis.steps - 1 - FSK_AHEAD) % BIT_TRAIN_MEMORY] = (struct fsk_seen){
        bank->trellis.best_re[i], bank->tuned_hz + bank->frequency[i] * (float)(NRZ_BIT_RATE / (2.0 * M_PI))};
}

static void output(struct fsk_bank *bank, unsigned i, struct bit_train *train)
{
    struct fsk_decision decision;
    if (!fsk_trellis_recall(&bank->trellis, i, FSK_DEPTH, &decision))
        return;
    float power = bank->power[i] > POWER_LEAST ? bank->power[i] : POWER_LEAST;
    float cost = RELIABILITY_UNIT * decision.margin / power;
    struct error_event event = {.mask = decision.pattern};
    event.reliability = (uint16_t)(cost < COST_MOST ? cost : COST_MOST);
    /* Samples lie in the middle of the quarters of a bit. */
    double end = ((double)(bank->total - i) - 0.5) * FSK_TICKS_PER_BIT / FSK_PER_BIT;
    end -= (FSK_DEPTH - FSK_AHEAD) * FSK_TICKS_PER_BIT;
    bit_train_push(train, decision.bit, event, end);
}

void fsk_bank_execute(struct fsk_bank *bank, float complex sample, struct bit_train trains[FSK_LANES])
{
    bank->grid[bank->total++ % FSK_GRID] = sample;
    if (bank->total % FSK_PER_BIT != 0)
        return;
    struct fsk_bit bit;
    fetch(bank, &bit);
    fsk_trellis_execute(&bank->trellis, &bank->shapes, &bit);
    learn(bank);
    for (unsigned i = 0; i < FSK_LANES; i++) {
        remember(bank, i);
        output(bank, i, &trains[i]);
    }
}
