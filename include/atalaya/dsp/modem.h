/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of every waveform: samples in, soft bits out, and the way back.
 *
 * Life: create / execute / reset / destroy. create takes all the memory (liquid-dsp allocates, unchecked,
 * inside its own constructors: before READY only); execute allocates nothing. An object belongs to one thread
 * at a time. */
#ifndef ATALAYA_DSP_MODEM_H
#define ATALAYA_DSP_MODEM_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/result.h"
#include "atalaya/softbits.h"

/* What the receiver is fed with, for its whole life. */
enum modem_input {
    MODEM_AUDIO, /* discriminator or loudspeaker audio */
    MODEM_IQ     /* the radio channel itself, before any discriminator */
};

struct modem; /* one receiver of one waveform on one channel; each class has its own behind this name */

/* Receives the decisions of one branch; called zero or more times inside execute, on its thread.
 * The run's arrays are the modem's and last until the call returns. */
typedef void modem_sink(void *context, const struct soft_run *run);

/* What is known about a burst's signal. NaN = not measured. */
struct burst_figures {
    double first_sample; /* input sample, counted from create or reset, at which the first bit begins
                            (fractional) */
    double end_sample;   /* input sample at which the last bit ends */
    float level_dbfs;    /* signal power in the modem's band; 0 dBFS = a sine of full scale (amplitude 1.0) */
    float snr_db;        /* Es/N0 per line bit: for two-level waveforms the Eb/N0 of the bit */
    float offset_hz;     /* carrier or tone offset, positive = higher than nominal */
    float
        deviation_hz; /* of FM on complex baseband, peak: what the louder tone makes, or an outermost level */
    float peak;       /* largest |sample| at the input during the burst; 1.0 = clipping */
    float tone_hz, tone_amplitude; /* of audio: the loudest tone of the waveform; 0: none is told */
};

struct modem_class {
    unsigned branches;             /* how many soft-bit streams it gives */
    enum line_scrambler scrambler; /* as in every soft_run it gives */
    double least_rate_hz;          /* lowest usable input rate for audio */
    double iq_rate_hz; /* complex baseband: the rate that suits it; 0: 19,200 samples/s. It gets the
                          next multiple of that, or about it, or less where the source is slower:
                          create refuses what is no use (ATALAYA_E_ARGUMENT) and is left out */
    /* Receiver for samples at rate_hz. Errors: ATALAYA_E_ARGUMENT (rate too low), ATALAYA_E_UNSUPPORTED (no
     * such input), ATALAYA_E_MEMORY. */
    enum atalaya_result (*create)(struct modem **modem, double rate_hz, enum modem_input input);
    /* For MODEM_AUDIO: real audio [size: count], nominal range -1..1. Hostile values (NaN, infinity, 1e30) do
     * no lasting harm. */
    void (*execute)(struct modem *modem, const float *audio, size_t count, modem_sink *sink, void *context);
    /* For MODEM_IQ: complex baseband, carrier near 0 Hz [size: count]. NULL where the waveform is a sound and
     * nothing is gained by more: of a radio channel it gets the audio of its discriminator, which also makes
     * its figures the channel's (discriminator.h). */
    void (*execute_iq)(struct modem *modem, const float complex *iq, size_t count, modem_sink *sink,
                       void *context);
    /* As after create: bit and sample counts start at 0. */
    void (*reset)(struct modem *modem);
    void (*destroy)(struct modem *modem); /* NULL is allowed */
    /* Figures of the burst that covers bits [first_bit, end_bit) of `branch`. Call inside the sink or right
     * after execute: only the last 16,384 bits are remembered (ATALAYA_E_RANGE when older). */
    enum atalaya_result (*measure)(const struct modem *modem, unsigned branch, uint64_t first_bit,
                                   uint64_t end_bit, struct burst_figures *figures);
    /* A branch has just brought a frame that passed its check, from bit first_bit on: what reads bursts
     * again, by harder work, when nobody else has, may leave this one alone. Call inside the sink or right
     * after execute; NULL: there is no such thing here. */
    void (*satisfy)(struct modem *modem, unsigned branch, uint64_t first_bit);
    /* Nothing follows for now: what was to wait is done at once. Samples may come again. NULL: nothing waits.
     */
    void (*finish)(struct modem *modem, modem_sink *sink, void *context);
    /* Transmitter: line bits (0 or 1) [size: bit_count] to audio of amplitude 1.0 at rate_hz [size: max].
     * Returns the number of samples, or 0 when max is too small; modulate_length says how many are needed.
     * NULL where the waveform is no sound. */
    size_t (*modulate)(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio, size_t max);
    /* The same as complex baseband of amplitude 1 (constant or largest), carrier at 0 Hz. NULL: the audio
     * goes to an FM transmitter. */
    size_t (*modulate_iq)(double rate_hz, const uint8_t *bits, size_t bit_count, float complex *iq,
                          size_t max);
    size_t (*modulate_length)(double rate_hz, size_t bit_count);
    double lead_s; /* how long these send something, bare carrier, before the first bit */
};

/* A row of modems.def with its class. */
struct modem_row {
    const char *id, *title, *specification;
    unsigned bit_rate;
    const struct modem_class *class;
};

extern const struct modem_row modem_table[];
extern const size_t modem_table_size;

/* The row named id, or NULL. Any thread. */
const struct modem_row *modem_find(const char *id);

#endif
