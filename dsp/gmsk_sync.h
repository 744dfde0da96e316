/* SPDX-License-Identifier: Apache-2.0 */
/* Carrier frequency, phase and bit timing of GMSK from its square, without knowing a bit (R. de Buda,
 * Coherent Demodulation of Frequency-Shift Keying with Low Deviation Ratio, 1972): the square has a line half
 * a bit rate above and one below twice the carrier. */
#ifndef ATALAYA_DSP_GMSK_SYNC_H
#define ATALAYA_DSP_GMSK_SYNC_H

#include <stdbool.h>

#include "atalaya/result.h"
#include "gmsk_window.h"

enum {
    GMSK_SYNC_PER_BIT = 4,
    GMSK_SYNC_BITS = 320,
    GMSK_SYNC_SIZE = GMSK_SYNC_PER_BIT * GMSK_SYNC_BITS,
    GMSK_SYNC_FFT = 2048
};

struct gmsk_sync;

struct gmsk_estimate {
    bool sure;
    double turn;  /* carrier, radians a bit */
    double phase; /* of the carrier at the window's middle, modulo pi, such that bits there are real */
    double late;  /* bits from the middle to the next pulse's middle, -1/2 .. 1/2 */
};

enum atalaya_result gmsk_sync_create(struct gmsk_sync **sync, double samples_a_bit);
/* From the GMSK_SYNC_BITS around input instant `middle`, all of which must be in the window. */
void gmsk_sync_execute(struct gmsk_sync *sync, const struct gmsk_window *window, double middle,
                       struct gmsk_estimate *estimate);
void gmsk_sync_destroy(struct gmsk_sync *sync);

#endif
