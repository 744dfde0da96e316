/* SPDX-License-Identifier: Apache-2.0 */
/* How much noise there is along a band, from the spectra of its blocks. Whoever transmits raises it nowhere:
 * what counts is the least that is seen in ten seconds of what a tenth of the neighbourhood stays below. It
 * errs to the low side, which costs work and hides nothing. */
#ifndef ATALAYA_DSP_BAND_FLOOR_H
#define ATALAYA_DSP_BAND_FLOOR_H

#include <complex.h>
#include <stdbool.h>

#include "band_blocks.h"

struct band_floor;

/* NULL in *floor: the band is too narrow to tell noise from signals. false: no memory. */
bool band_floor_create(struct band_floor **floor, const struct band_blocks *blocks);
/* The spectrum of a block [size: blocks->size], in the order of an FFT. */
void band_floor_execute(struct band_floor *floor, const float complex *spectrum);
/* The mean power of a bin of the spectrum around bin `bin` when nobody transmits; 0: not known so far. */
float band_floor_at(const struct band_floor *floor, unsigned bin);
/* The next spectrum does not count: part of it is silence of our own. */
void band_floor_skip(struct band_floor *floor);
void band_floor_destroy(struct band_floor *floor); /* NULL is allowed */

#endif
