/* SPDX-License-Identifier: Apache-2.0 */
/* Audio of any rate to baseband: clean, mix down, low-pass, decimate, resample. */
#ifndef ATALAYA_DSP_FRONT_END_H
#define ATALAYA_DSP_FRONT_END_H

#include <stddef.h>

#include "atalaya/result.h"
#include "baseband.h"

#define FRONT_END_LEAST_RATE_HZ 8000.0
#define FRONT_END_MOST_RATE_HZ  192000.0

enum { FRONT_END_CHUNK_MAX = 256 }; /* at 8000 Hz this gives 615 baseband samples at 2400 bit/s */

struct front_end;

enum atalaya_result front_end_create(struct front_end **front_end, const struct two_tone *waveform,
                                     double rate_hz);
/* At most FRONT_END_CHUNK_MAX samples of audio; replaces the contents of block. */
void front_end_execute(struct front_end *front_end, const float *audio, size_t count,
                       struct baseband_block *block);
void front_end_reset(struct front_end *front_end);
void front_end_destroy(struct front_end *front_end);

/* Input time (in samples, filter delay removed) of the baseband instant `index`, counted from create or
 * reset; exact for the last minutes. */
double front_end_input_time(const struct front_end *front_end, double index);
/* Baseband samples by which the output lags the input. */
unsigned front_end_delay(const struct front_end *front_end);

#endif
