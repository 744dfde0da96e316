/* SPDX-License-Identifier: Apache-2.0 */
/* Beacons in a discriminator's audio: the known bits, wherever they are. */
#ifndef ATALAYA_DSP_BIPHASE_LISTEN_H
#define ATALAYA_DSP_BIPHASE_LISTEN_H

#include <stdbool.h>

#include "biphase.h"

enum { BIPHASE_LISTEN_BITS = 32 /* more than BIPHASE_SLICES_KNOWN hold; a power of two */ };

struct biphase_listen {
    double slice, end; /* samples in a slice; where the one being summed ends */
    uint64_t samples, slices;
    float sum;
    float last[2 * BIPHASE_SLICES_PER_BIT];    /* slices, written twice: in one piece */
    float complex d[2 * BIPHASE_SLICES_KNOWN]; /* as biphase_compare wants them, also twice */
    float apart[BIPHASE_SLICES_PER_BIT][2 * BIPHASE_LISTEN_BITS]; /* those a bit apart beside each other, as
                                                                     biphase_compare_real does, also twice */
};

void biphase_listen_reset(struct biphase_listen *listen, double rate_hz);
/* Takes the next sample. True: `find` is a burst, as seen from here; the neighbouring instants say the same.
 */
bool biphase_listen_push(struct biphase_listen *listen, float sample, struct biphase_find *find);

#endif
