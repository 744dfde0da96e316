/* SPDX-License-Identifier: Apache-2.0 */
/* Receiver and transmitter of signalling with tones; a waveform is a table. */
#ifndef ATALAYA_DSP_TONE_BANK_H
#define ATALAYA_DSP_TONE_BANK_H

#include "atalaya/dsp/modem.h"

enum { TONE_BANK_TONES_MAX = 64, TONE_BANK_AT_ONCE = 2 };
#define TONE_BANK_LEAST_RATE_HZ 7990.0 /* sound cards are not exact */

struct tone_bank {
    const float *hz; /* nominal frequencies, ascending [size: count] */
    unsigned count;
    double hop_s, window_s; /* from frame to frame; of the spectrum: its first zero lies at 2 / window_s */
    double low_hz, high_hz; /* the band whose power the shares are parts of */
    double inner_hz;        /* the rate that is worked at, or up to twice as much */
    double reach_percent;   /* of a tone: how far it may be off */
};

enum atalaya_result tone_bank_create(struct modem **modem, const struct tone_bank *bank, double rate_hz,
                                     enum modem_input input);
void tone_bank_execute(struct modem *modem, const float *audio, size_t count, modem_sink *sink,
                       void *context);
void tone_bank_reset(struct modem *modem);
void tone_bank_destroy(struct modem *modem);
enum atalaya_result tone_bank_measure(const struct modem *modem, unsigned branch, uint64_t first_bit,
                                      uint64_t end_bit, struct burst_figures *figures);

/* 0 when a frame has more than TONE_BANK_AT_ONCE tones, or the last one is not whole. */
size_t tone_bank_modulate(const struct tone_bank *bank, double rate_hz, const uint8_t *bits, size_t bit_count,
                          float *audio, size_t max);
size_t tone_bank_modulate_length(const struct tone_bank *bank, double rate_hz, size_t bit_count);

/* The functions of struct modem_class for the tone_bank `bank` of a file, and the class named modem_<id>. */
#define TONE_BANK_CLASS(id)                                                                                  \
    static enum atalaya_result id##_create(struct modem **modem, double rate_hz, enum modem_input input)     \
    {                                                                                                        \
        return tone_bank_create(modem, &bank, rate_hz, input);                                               \
    }                                                                                                        \
    static size_t id##_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio,         \
                                size_t max)                                                                  \
    {                                                                                                        \
        return tone_bank_modulate(&bank, rate_hz, bits, bit_count, audio, max);                              \
    }                                                                                                        \
    static size_t id##_modulate_length(double rate_hz, size_t bit_count)                                     \
    {                                                                                                        \
        return tone_bank_modulate_length(&bank, rate_hz, bit_count);                                         \
    }                                                                                                        \
    const struct modem_class modem_##id = {                                                                  \
        .branches = 1,                                                                                       \
        .scrambler = SCRAMBLER_NONE,                                                                         \
        .least_rate_hz = TONE_BANK_LEAST_RATE_HZ,                                                            \
        .create = id##_create,                                                                               \
        .execute = tone_bank_execute,                                                                        \
        .reset = tone_bank_reset,                                                                            \
        .destroy = tone_bank_destroy,                                                                        \
        .measure = tone_bank_measure,                                                                        \
        .modulate = id##_modulate,                                                                           \
        .modulate_length = id##_modulate_length,                                                             \
    }

#endif
