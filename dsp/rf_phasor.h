/* SPDX-License-Identifier: Apache-2.0 */
/* Four points of the unit circle at once. */
#ifndef ATALAYA_DSP_RF_PHASOR_H
#define ATALAYA_DSP_RF_PHASOR_H

#include "wide.h"

struct phasor {
    wide re, im;
};

/* Cosine and sine of so many turns, -1e6 to 1e6; error 7e-6. */
static inline struct phasor phasor_of_turns(wide turns)
{
    const float round = 12582912.0F; /* 1.5 x 2^23: what is added to it loses its fraction */
    const wide_int sign = {INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN};
    wide whole = (turns + round) - round, x = turns - whole;
    /* Half a turn is folded to a quarter: sin(pi - x) = sin(x), and the cosine changes its sign. */
    wide size = (wide)((wide_int)x & ~sign), left = 0.25F - size;
    wide folded = (0.25F - (wide)((wide_int)left & ~sign)) * 6.2831853F, y = folded * folded;
    wide cosine = 0.99999329F + y * (-0.49991243F + y * (4.1487748e-2F - y * 1.2712094e-3F));
    wide sine = folded * (1.0F + y * (-0.16665852F + y * (8.3139502e-3F - y * 1.8524670e-4F)));
    return (struct phasor){(wide)((wide_int)cosine ^ ((wide_int)left & sign)),
                           (wide)((wide_int)sine ^ ((wide_int)x & sign))};
}

#endif
