/* SPDX-License-Identifier: Apache-2.0 */
/* The phase of a burst's carrier through all its bits, and the bits that this phase gives. */
#ifndef ATALAYA_DSP_BIPHASE_PHASE_H
#define ATALAYA_DSP_BIPHASE_PHASE_H

#include "biphase_burst.h"

/* Sum of the mixed samples between two instants. */
float complex biphase_sum(const struct biphase_reader *reader, double from, double to);
/* First half less second half of bit k of the burst, which may lie outside of it. */
float complex biphase_bit(const struct biphase_reader *reader, const struct biphase_burst *burst, int k);

/* From c, d and the carrier before them: value, amplitude, ebn0, and turn as it is at the middle of the bits.
 */
void biphase_phase_read(const struct biphase_reader *reader, struct biphase_burst *burst);

#endif
