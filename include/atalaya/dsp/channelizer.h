/* SPDX-License-Identifier: Apache-2.0 */
/* One wide stream of complex baseband to any set of channels at arbitrary frequencies, each as wide as it
 * asks. A forward FFT is shared by all; a channel costs a mask and a small inverse FFT (overlap-save).
 *
 * create takes all memory; an object belongs to one thread at a time, several may be created at once. */
#ifndef ATALAYA_DSP_CHANNELIZER_H
#define ATALAYA_DSP_CHANNELIZER_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

#include "atalaya/result.h"

#define CHANNELIZER_LEAST_RATE_HZ 8000.0
#define CHANNELIZER_MOST_RATE_HZ  20e6
#define CHANNELIZER_UNIT_RATE_HZ  19200.0  /* channels come at multiples of this rate, */
#define CHANNELIZER_TOP_RATE_HZ   384000.0 /* and no faster */
#define CHANNELIZER_PASS_HZ                                                                                  \
    8100.0                         /* at the unit's rate: flat to here, either way; elsewhere in proportion  \
                                    */
#define CHANNELIZER_STOP_HZ 9600.0 /* from here 70 dB down or more */
#define CHANNELIZER_EDGE_HZ 6250.0 /* a channel's centre stays so far inside the band */

struct channelizer;

struct channelizer_channel {
    double offset_hz; /* its centre, from the band's */
    double rate_hz;   /* wanted: see channelizer_rate_hz; 0: the unit's */
};

/* The rate at which a band of band_rate_hz gives a channel that wants rate_hz: the next multiple of 19,200
 * (near it where the band's rate is no multiple of 400 Hz or has great primes), or the whole band at its own
 * rate, unfiltered, where that is slower. */
double channelizer_rate_hz(double band_rate_hz, double rate_hz);
/* Whether a channel so far from the centre lies in the band; the centre itself always does. */
bool channelizer_reaches(double band_rate_hz, double offset_hz);

/* channels [size: count]. Errors: ATALAYA_E_ARGUMENT (rate, or a channel outside the band),
 * ATALAYA_E_MEMORY. */
enum atalaya_result channelizer_create(struct channelizer **channelizer, double band_rate_hz,
                                       const struct channelizer_channel *channels, unsigned count);
/* Takes up to `count` samples of iq, as many as complete one block; *taken says how many. true: every channel
 * has new samples. Not finite or beyond 1e6: 0. */
bool channelizer_execute(struct channelizer *channelizer, const float complex *iq, size_t count,
                         size_t *taken);
/* The new samples of channel `index` [size: *count], after an execute that returned true and before the next.
 * Computed here, and lasting until the next call: call it once a block for each channel, or for none. */
const float complex *channelizer_give(struct channelizer *channelizer, unsigned index, size_t *count);
/* What the last block says about a channel, any number of times. */
struct channelizer_level {
    float power; /* within 5 kHz of its centre; 1: a carrier of amplitude 1 */
    float floor; /* what the noise of the band makes of it when nobody transmits, rather too little than too
                    much; 0: not known (in the first third of a second, or in a band of less than 200 kHz) */
};
struct channelizer_level channelizer_level(const struct channelizer *channelizer, unsigned index);
/* The time from block to block of a band. */
double channelizer_block_s(double band_rate_hz);
/* Input sample (fractional) at which sample `sample` of channel `index` lies, both counted from create or
 * reset. */
double channelizer_input_time(const struct channelizer *channelizer, unsigned index, double sample);
/* The longest time from an input sample to the output it lies in. */
double channelizer_delay_s(const struct channelizer *channelizer);
void channelizer_reset(struct channelizer *channelizer);
void channelizer_destroy(struct channelizer *channelizer); /* NULL is allowed */

#endif
