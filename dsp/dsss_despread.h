/* SPDX-License-Identifier: Apache-2.0 */
/* From the window to the two bits of a pair: 256 chips of I and of Q, taken together. */
#ifndef ATALAYA_DSP_DSSS_DESPREAD_H
#define ATALAYA_DSP_DSSS_DESPREAD_H

#include <complex.h>

#include "dsss_code.h"
#include "dsss_window.h"

/* Where a burst's chips lie: the middle of chip n of I at input instant at + n (step + n bend), that of Q
 * half a chip later. */
struct dsss_place {
    double at, step, bend;
};

static inline double dsss_place_at(const struct dsss_place *place, double chip)
{
    return place->at + chip * (place->step + chip * place->bend);
}

/* Means over the chips, freed from the code. Phases are those of a carrier that turns by `turn` radians a
 * chip and is what they say in the middle of the pair; Q's is turned back by its quarter. */
struct dsss_pair {
    float complex i, q;
};

struct dsss_despread {
    const struct dsss_window *window;
    const struct dsss_filter *filter;
    const struct dsss_code *code;
};

/* The pair `index` of a burst at place, all of it read `late` chips later. */
struct dsss_pair dsss_despread(const struct dsss_despread *how, const struct dsss_place *place,
                               unsigned index, double late, double turn);

#endif
