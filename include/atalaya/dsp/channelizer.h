/* SPDX-License-Identifier: Apache-2.0 */
/* One wide stream of complex baseband to any set of channels at arbitrary frequencies, each at the same low
 * rate. A forward FFT is shared by all; a channel costs a mask and a small inverse FFT (overlap-save).
 *
 * create takes all memory; an object belongs to one thread at a time, several may be created at once. */
#ifndef ATALAYA_DSP_CHANNELIZER_H
#define ATALAYA_DSP_CHANNELIZER_H

#include <complex.h>
#include <stddef.h>

#include "atalaya/result.h"

#define CHANNELIZER_LEAST_RATE_HZ 24000.0
#define CHANNELIZER_MOST_RATE_HZ  20e6
#define CHANNELIZER_PASS_HZ       8100.0 /* flat to here, either way */
#define CHANNELIZER_STOP_HZ       9600.0 /* from here 70 dB down or more */
#define CHANNELIZER_EDGE_HZ       6250.0 /* a channel's centre stays so far inside the band */

enum { CHANNELIZER_BLOCK_MAX = 320 /* outputs of a channel from one call */ };

struct channelizer;

/* offset_hz [size: count]: the channels' centres, from the band's. Errors: ATALAYA_E_ARGUMENT (rate, or a
 * channel outside the band), ATALAYA_E_MEMORY. */
enum atalaya_result channelizer_create(struct channelizer **channelizer, double rate_hz,
                                       const double *offset_hz, unsigned count);
/* Of every channel: 19,200 where the input's rate is a multiple of 400 Hz and no great prime, else near. */
double channelizer_output_rate_hz(const struct channelizer *channelizer);
/* Takes up to `count` samples of iq, as many as complete one block; *taken says how many. Returns the number
 * of new samples of each channel: 0, or at most CHANNELIZER_BLOCK_MAX. Not finite or beyond 1e6: 0. */
size_t channelizer_execute(struct channelizer *channelizer, const float complex *iq, size_t count,
                           size_t *taken);
/* The new samples of channel `index`, after an execute that returned some and before the next. Computed here:
 * call it once a block for each channel, or for none. */
const float complex *channelizer_channel(struct channelizer *channelizer, unsigned index);
/* Input sample (fractional) at which output sample `index`, counted from create or reset, lies. */
double channelizer_input_time(const struct channelizer *channelizer, double index);
/* The longest time from an input sample to the output it lies in. */
double channelizer_delay_s(const struct channelizer *channelizer);
void channelizer_reset(struct channelizer *channelizer);
void channelizer_destroy(struct channelizer *channelizer); /* NULL is allowed */

#endif
