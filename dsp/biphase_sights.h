/* SPDX-License-Identifier: Apache-2.0 */
/* The bursts of 406 MHz beacons that are under way in one window, each once, however often it was seen. */
#ifndef ATALAYA_DSP_BIPHASE_SIGHTS_H
#define ATALAYA_DSP_BIPHASE_SIGHTS_H

#include <stdbool.h>

#include "biphase.h"

enum { BIPHASE_SIGHTS = 12 };

/* A burst that was seen: it is read when it is complete, and kept until nothing more can be seen in it. */
struct biphase_sight {
    struct biphase_find find;
    bool is_read;
};

struct biphase_sights {
    struct biphase_sight all[BIPHASE_SIGHTS];
    unsigned count;
};

/* rate_hz: of the window. */
void biphase_sights_note(struct biphase_sights *sights, const struct biphase_find *find, double rate_hz);
/* The last one takes its place. */
void biphase_sights_drop(struct biphase_sights *sights, unsigned i);

#endif
