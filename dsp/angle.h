/* SPDX-License-Identifier: Apache-2.0 */
/* Angles of four complex numbers at once, for discriminators: the library's atan2f takes them one by one,
 * and half of a discriminator's time. */
#ifndef ATALAYA_DSP_ANGLE_H
#define ATALAYA_DSP_ANGLE_H

#include <math.h>

#include "wide.h"

#define ANGLE_ERROR_MAX 2.2e-6 /* rad, against atan2; tested */

/* atan2 of finite numbers, rad; 0 at the origin. The polynomial is the minimax one of six odd powers on
 * [0, 1] (1.7e-6; Remez's algorithm), the rest is symmetry. */
static inline wide angle_of(wide im, wide re)
{
    const wide nothing = {0.0F};
    wide x = wide_choose(re < nothing, -re, re), y = wide_choose(im < nothing, -im, im);
    wide_int steep = y > x;
    wide most = wide_choose(steep, y, x), least = wide_choose(steep, x, y);
    wide ratio = least / wide_choose(most > nothing, most, nothing + 1.0F), s = ratio * ratio;
    wide angle = s * -0.0117191358F + 0.0526473516F;
    angle = angle * s - 0.116426482F;
    angle = angle * s + 0.193540376F;
    angle = angle * s - 0.332622828F;
    angle = (angle * s + 0.999977219F) * ratio;
    angle = wide_choose(steep, (float)M_PI_2 - angle, angle);
    angle = wide_choose(re < nothing, (float)M_PI - angle, angle);
    return wide_choose(im < nothing, -angle, angle);
}

#endif
