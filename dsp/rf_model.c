/* SPDX-License-Identifier: Apache-2.0 */
#include "rf_model.h"

#include <math.h>

#include "cpm_trellis.h"

/* Turns of the tones in a bit. */
static const double tone_turns[RF_TONES] = {[SPACE] = 2200.0 / 1200.0, [MARK] = 1.0};

float complex rf_state_turn(unsigned state)
{
    static const float re[RF_STATES] = {1.0F, 0.5F, -0.5F, -1.0F, -0.5F, 0.5F};
    static const float im[RF_STATES] = {0.0F, -0.8660254F, -0.8660254F, 0.0F, 0.8660254F, 0.8660254F};
    return re[state] + im[state] * _Complex_I;
}

void rf_model_advance(struct rf_model *model, int bits)
{
    double angle = bits * model->drift;
    double complex turned = cos(angle) + sin(angle) * (double complex)_Complex_I;
    model->start += bits * model->length;
    const double carrier = model->carrier + bits * model->turn;
    model->carrier = carrier - 2.0 * M_PI * rint(carrier * (0.5 / M_PI));
    model->tone[SPACE] *= turned;
    model->tone[MARK] *= turned;
}

/* A mark is one whole turn of the audio and leaves the carrier where it was; a space moves it along its own
 * wave. So the carrier's phase where bits meet follows from the state, and is that of the space's wave. */
struct rf_wave rf_model_wave(const struct rf_model *model, unsigned state, unsigned tone)
{
    double complex turned = (double complex)rf_state_turn(state);
    double complex swing = turned * model->tone[tone];
    return (struct rf_wave){.base = (float complex)(turned * model->tone[SPACE] - swing),
                            .swing = (float complex)swing};
}

void rf_bit_read(struct rf_bit *bit, const struct rf_model *model, const float complex *ring, uint64_t mask)
{
    const double first = ceil(model->start), end = ceil(model->start + model->length);
    const uint64_t index = (uint64_t)first;
    const float step = (float)(1.0 / model->length), begin = (float)((first - model->start) / model->length);
    const float to_turns = (float)(0.5 / M_PI), carrier = to_turns * (float)model->carrier;
    const float turn = to_turns * (float)model->turn, drift = to_turns * (float)model->drift;
    unsigned samples = (unsigned)(end - first), most = RF_VECTORS_MAX * WIDE;
    bit->samples = samples < most ? samples : most;
    bit->vectors = (bit->samples + WIDE - 1) / WIDE;
    for (unsigned v = 0; v < bit->vectors; v++) {
        wide re, im, number;
        for (unsigned k = 0; k < WIDE; k++) {
            unsigned n = v * WIDE + k;
            float complex sample = n < bit->samples ? ring[(index + n) & mask] : 0.0F;
            re[k] = crealf(sample);
            im[k] = cimagf(sample);
            number[k] = (float)n;
        }
        wide place = begin + step * number;
        struct phasor back = phasor_of_turns(carrier + turn * place);
        bit->place[v] = place;
        bit->sample[v] = (struct phasor){re * back.re + im * back.im, im * back.re - re * back.im};
        for (unsigned x = 0; x < RF_TONES; x++)
            bit->tone[x][v] = phasor_of_turns(((float)tone_turns[x] + drift) * place);
    }
}
