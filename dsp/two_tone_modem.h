/* SPDX-License-Identifier: Apache-2.0 */
/* The modem of every waveform of two tones; a class of modem.h is one of these with its waveform. */
#ifndef ATALAYA_DSP_TWO_TONE_MODEM_H
#define ATALAYA_DSP_TWO_TONE_MODEM_H

#include "atalaya/dsp/modem.h"
#include "front_end.h"
#include "timing_bank.h"
#include "two_tone.h"

enum { TWO_TONE_BRANCHES = TIMING_LANES + 1 /* and one more; a waveform with `radio` set has two */ };

/* As in struct modem_class. The waveform must last. */
enum atalaya_result two_tone_create(struct modem **modem, const struct two_tone *waveform, double rate_hz,
                                    enum modem_input input);
void two_tone_execute(struct modem *modem, const float *audio, size_t count, modem_sink *sink, void *context);
void two_tone_execute_iq(struct modem *modem, const float complex *iq, size_t count, modem_sink *sink,
                         void *context);
void two_tone_reset(struct modem *modem);
void two_tone_destroy(struct modem *modem);
void two_tone_satisfy(struct modem *modem, unsigned branch, uint64_t first_bit);
void two_tone_finish(struct modem *modem, modem_sink *sink, void *context);
enum atalaya_result two_tone_measure(const struct modem *modem, unsigned branch, uint64_t first_bit,
                                     uint64_t end_bit, struct burst_figures *figures);
size_t two_tone_modulate(const struct two_tone *waveform, double rate_hz, const uint8_t *bits,
                         size_t bit_count, float *audio, size_t max);
size_t two_tone_modulate_length(const struct two_tone *waveform, double rate_hz, size_t bit_count);

/* Defines the class modem_<id> on the constant waveform `waveform` of the same file. iq: two_tone_execute_iq,
 * or NULL where the waveform does without `radio`. */
#define TWO_TONE_CLASS(id, branch_count, iq)                                                                 \
    static enum atalaya_result id##_create(struct modem **modem, double rate_hz, enum modem_input input)     \
    {                                                                                                        \
        return two_tone_create(modem, &waveform, rate_hz, input);                                            \
    }                                                                                                        \
    static size_t id##_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio,         \
                                size_t max)                                                                  \
    {                                                                                                        \
        return two_tone_modulate(&waveform, rate_hz, bits, bit_count, audio, max);                           \
    }                                                                                                        \
    static size_t id##_modulate_length(double rate_hz, size_t bit_count)                                     \
    {                                                                                                        \
        return two_tone_modulate_length(&waveform, rate_hz, bit_count);                                      \
    }                                                                                                        \
    const struct modem_class modem_##id = {                                                                  \
        .branches = branch_count,                                                                            \
        .scrambler = SCRAMBLER_NONE,                                                                         \
        .least_rate_hz = FRONT_END_LEAST_RATE_HZ,                                                            \
        .create = id##_create,                                                                               \
        .execute = two_tone_execute,                                                                         \
        .execute_iq = iq,                                                                                    \
        .reset = two_tone_reset,                                                                             \
        .destroy = two_tone_destroy,                                                                         \
        .measure = two_tone_measure,                                                                         \
        .satisfy = two_tone_satisfy,                                                                         \
        .finish = two_tone_finish,                                                                           \
        .modulate = id##_modulate,                                                                           \
        .modulate_length = id##_modulate_length,                                                             \
    }

#endif
