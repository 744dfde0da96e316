/* SPDX-License-Identifier: Apache-2.0 */
#include "rf_model.h"

#include <math.h>

#include "cpm_trellis.h"

/* Turns of the tones in a bit. */
static const double tone_turns[RF_TONES] = {[SPACE] = 2200.0 / 1200.0, [MARK] = 1.0};

void rf_model_advance(struct rf_model *model, int bits)
{
    const double complex turned = (double complex)rf_turn((float)(bits * model->drift));
    model->start += bits * model->length;
    const double carrier = model->carrier + bits * model->turn;
    model->carrier = carrier - 2.0 * M_PI * rint(carrier * (0.5 / M_PI));
    model->tone[SPACE] *= turned;
    model->tone[MARK] *= turned;
}

/* Samples of a ring from `index` on, as many as vectors hold; those behind `count` are 0. */
static void read_samples(const float complex *ring, uint64_t mask, uint64_t index, unsigned count,
                         struct phasor sample[RF_VECTORS_MAX])
{
    float complex copy[RF_VECTORS_MAX * WIDE];
    const unsigned vectors = (count + WIDE - 1) / WIDE;
    const float complex *from = &ring[index & mask];
    if ((index & mask) + vectors * WIDE > mask + 1 || count < vectors * WIDE) {
        for (unsigned n = 0; n < vectors * WIDE; n++)
            copy[n] = n < count ? ring[(index + n) & mask] : 0.0F;
        from = copy;
    }
    for (unsigned v = 0; v < vectors; v++) {
        const float *parts = (const float *)&from[v * WIDE];
        const wide low = wide_load(parts), high = wide_load(parts + WIDE);
        sample[v].re = __builtin_shufflevector(low, high, 0, 2, 4, 6);
        sample[v].im = __builtin_shufflevector(low, high, 1, 3, 5, 7);
    }
}

void rf_bit_read(struct rf_bit *bit, const struct rf_model *model, const float complex *ring, uint64_t mask)
{
    enum { BACK = RF_TONES, TURNERS };
    const double first = ceil(model->start), end = ceil(model->start + model->length);
    const float step = (float)(1.0 / model->length), begin = (float)((first - model->start) / model->length);
    const float to_turns = (float)(0.5 / M_PI), drift = to_turns * (float)model->drift;
    const float turns[TURNERS] = {[SPACE] = (float)tone_turns[SPACE] + drift,
                                  [MARK] = (float)tone_turns[MARK] + drift,
                                  [BACK] = to_turns * (float)model->turn};
    const float at[TURNERS] = {[BACK] = to_turns * (float)model->carrier};
    const unsigned samples = (unsigned)(end - first), most = RF_VECTORS_MAX * WIDE;
    bit->samples = samples < most ? samples : most;
    bit->vectors = (bit->samples + WIDE - 1) / WIDE;
    read_samples(ring, mask, (uint64_t)first, bit->samples, bit->sample);
    /* From one vector to the next everything turns by the same angle. */
    const wide place = begin + step * (wide){0.0F, 1.0F, 2.0F, 3.0F};
    const struct phasor on =
        phasor_of_turns(WIDE * step * (wide){turns[SPACE], turns[MARK], turns[BACK], 0.0F});
    struct phasor now[TURNERS];
    for (unsigned x = 0; x < TURNERS; x++)
        now[x] = phasor_of_turns(at[x] + turns[x] * place);
    for (unsigned v = 0; v < bit->vectors; v++) {
        const struct phasor sample = bit->sample[v], back = now[BACK];
        bit->place[v] = place + (float)(v * WIDE) * step;
        bit->sample[v] = (struct phasor){sample.re * back.re + sample.im * back.im,
                                         sample.im * back.re - sample.re * back.im};
        for (unsigned x = 0; x < RF_TONES; x++)
            bit->tone[x][v] = now[x];
        for (unsigned x = 0; x < TURNERS; x++)
            now[x] = (struct phasor){now[x].re * on.re[x] - now[x].im * on.im[x],
                                     now[x].re * on.im[x] + now[x].im * on.re[x]};
    }
}
