/* SPDX-License-Identifier: Apache-2.0 */
#include "tone_bank.h"

#include <math.h>
#include <stdbool.h>
#include <liquid/liquid.h>

#include "sample_count.h"

#define SLOPE_S       0.001 /* in which a tone comes and goes: no clicks */
#define LEAST_RATE_HZ 6000.0

struct voice {
    nco_crcf oscillator;
    float gain;
};

/* The frequencies of a frame; how many, or TONE_BANK_AT_ONCE + 1 when there are too many. */
static unsigned read_frame(const struct tone_bank *bank, const uint8_t *frame, double hz[TONE_BANK_AT_ONCE])
{
    unsigned count = 0;
    for (unsigned tone = 0; tone < bank->count; tone++) {
        bool below = frame[2 * tone], above = frame[2 * tone + 1];
        if (!below && !above)
            continue;
        if (count == TONE_BANK_AT_ONCE)
            return TONE_BANK_AT_ONCE + 1;
        hz[count++] =
            (double)bank->hz[tone] * (1.0 + bank->reach_percent / 100.0 * ((double)above - (double)below));
    }
    return count;
}

size_t tone_bank_modulate_length(const struct tone_bank *bank, double rate_hz, size_t bit_count)
{
    if (!(rate_hz >= LEAST_RATE_HZ && rate_hz <= 1e9) || bit_count % (2 * bank->count))
        return 0;
    return sample_count((double)(bit_count / (2 * bank->count)) * bank->hop_s * rate_hz);
}

static void sound(struct voice *voices, double rate_hz, const double *hz, unsigned count, float *audio,
                  size_t samples)
{
    const float step = (float)(1.0 / (SLOPE_S * rate_hz));
    for (unsigned v = 0; v < count; v++)
        nco_crcf_set_frequency(voices[v].oscillator, (float)(2.0 * M_PI * hz[v] / rate_hz));
    for (size_t i = 0; i < samples; i++) {
        audio[i] = 0.0F;
        for (unsigned v = 0; v < TONE_BANK_AT_ONCE; v++) {
            float goal = v < count ? 1.0F / (float)count : 0.0F;
            voices[v].gain += fminf(fmaxf(goal - voices[v].gain, -step), step);
            audio[i] += voices[v].gain * nco_crcf_sin(voices[v].oscillator);
            nco_crcf_step(voices[v].oscillator);
        }
    }
}

static bool modulate_frames(const struct tone_bank *bank, struct voice *voices, double rate_hz,
                            const uint8_t *bits, size_t frames, float *audio, size_t total)
{
    for (size_t f = 0; f < frames; f++) {
        double hz[TONE_BANK_AT_ONCE], per_frame = bank->hop_s * rate_hz;
        unsigned count = read_frame(bank, bits + f * 2 * bank->count, hz);
        size_t from = (size_t)((double)f * per_frame), to = (size_t)((double)(f + 1) * per_frame);
        if (count > TONE_BANK_AT_ONCE)
            return false;
        sound(voices, rate_hz, hz, count, audio + from, (f + 1 < frames ? to : total) - from);
    }
    return true;
}

size_t tone_bank_modulate(const struct tone_bank *bank, double rate_hz, const uint8_t *bits, size_t bit_count,
                          float *audio, size_t max)
{
    struct voice voices[TONE_BANK_AT_ONCE] = {0};
    size_t count = tone_bank_modulate_length(bank, rate_hz, bit_count);
    bool made = count > 0 && count <= max;
    for (unsigned v = 0; v < TONE_BANK_AT_ONCE; v++) {
        voices[v].oscillator = nco_crcf_create(LIQUID_VCO);
        made = made && voices[v].oscillator;
    }
    made = made && modulate_frames(bank, voices, rate_hz, bits, bit_count / (2 * bank->count), audio, count);
    for (unsigned v = 0; v < TONE_BANK_AT_ONCE; v++)
        if (voices[v].oscillator)
            nco_crcf_destroy(voices[v].oscillator);
    return made ? count : 0;
}
