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
    const wide nothing = {0.0F};
    wide whole = (turns + round) - round, x = turns - whole;
    /* Half a turn is folded to a quarter: sin(pi - x) = sin(x), and the cosine changes its sign. */
    wide size = wide_choose(x < nothing, -x, x);
    wide_int far = size > nothing + 0.25F;
    wide folded = wide_choose(far, 0.5F - size, size) * 6.2831853F, y = folded * folded;
    wide cosine = 0.99999329F + y * (-0.49991243F + y * (4.1487748e-2F - y * 1.2712094e-3F));
    wide sine = folded * (1.0F + y * (-0.16665852F + y * (8.3139502e-3F - y * 1.8524670e-4F)));
    return (struct phasor){wide_choose(far, -cosine, cosine), wide_choose(x < nothing, -sine, sine)};
}

#endif
