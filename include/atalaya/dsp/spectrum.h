/* SPDX-License-Identifier: Apache-2.0 */
/* The spectrum of a stream for people: power in bins, averaged. Life and threads as in modem.h: create takes
 * all memory. */
#ifndef ATALAYA_DSP_SPECTRUM_H
#define ATALAYA_DSP_SPECTRUM_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

#include "atalaya/result.h"

enum { SPECTRUM_BINS_MIN = 16, SPECTRUM_BINS_MAX = 65536 };
/* A carrier spreads over so many bins (Blackman and Harris's window of 92 dB), and noise is so many times
 * that of one ideal bin. */
#define SPECTRUM_NOISE_BINS 2.004

struct spectrum;

/* bins: of IQ from -rate/2 up to rate/2, 0 Hz in the middle; of audio from 0 to rate/2. Errors:
 * ATALAYA_E_ARGUMENT, ATALAYA_E_MEMORY. */
enum atalaya_result spectrum_create(struct spectrum **spectrum, unsigned bins, bool iq);
/* samples [size: count, or 2 * count of IQ: I, then Q]. */
void spectrum_execute(struct spectrum *spectrum, const float *samples, size_t count);
/* Mean power since the last take [size: bins]; 1 = a carrier of amplitude 1 (IQ) or a sine of full scale
 * (audio) in the middle of a bin. Returns how many transforms that rests on; 0: power is untouched. */
unsigned spectrum_take(struct spectrum *spectrum, float *power);
void spectrum_reset(struct spectrum *spectrum);
void spectrum_destroy(struct spectrum *spectrum); /* NULL is allowed */

#endif
