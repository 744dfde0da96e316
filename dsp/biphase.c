/* SPDX-License-Identifier: Apache-2.0 */
#include "biphase.h"

#include <math.h>
#include <string.h>

#include "wide.h"

enum { COMMON_BITS = 16 /* the two synchronisations differ in the eight after these */ };

void biphase_window_reset(struct biphase_window *window, double rate_hz)
{
    window->total = 0;
    window->count = 0;
    window->room = (unsigned)(BIPHASE_WINDOW_S * rate_hz);
    window->room = window->room < BIPHASE_WINDOW ? window->room : BIPHASE_WINDOW;
}

void biphase_window_make_room(struct biphase_window *window)
{
    window->count = window->room / 4 * 3;
    memmove(window->z, window->z + window->room - window->count, window->count * sizeof *window->z);
}

/* FFFE2F: T.001 2.2.4.1, 2.2.4.2 */
static const float signs[BIPHASE_KNOWN_BITS] = {1, 1, 1, 1,  1,  1,  1, 1,  1, 1, 1, 1,
                                                1, 1, 1, -1, -1, -1, 1, -1, 1, 1, 1, 1};

float biphase_known(unsigned k)
{
    return signs[k];
}

static float power_of(float complex z)
{
    return crealf(z) * crealf(z) + cimagf(z) * cimagf(z);
}

float biphase_compare(const float complex *d, double stretch)
{
    float complex common = 0.0F, last = 0.0F;
    float energy = 1e-30F;
    const float step = (float)(BIPHASE_SLICES_PER_BIT * stretch);
    for (unsigned k = 0; k < BIPHASE_KNOWN_BITS; k++) {
        float complex bit = d[(int)(step * (float)k + 0.5F)];
        energy += power_of(bit);
        if (k < COMMON_BITS)
            common += signs[k] * bit;
        else
            last += signs[k] * bit;
    }
    float normal = power_of(common + last), self_test = power_of(common - last);
    return (normal > self_test ? normal : self_test) / (BIPHASE_KNOWN_BITS * energy);
}

float biphase_compare_real(const float *d)
{
    wide common = {0.0F}, last = {0.0F}, energy = {0.0F};
    for (unsigned k = 0; k < BIPHASE_KNOWN_BITS; k += WIDE) {
        wide bits = wide_load(d + k), turned = bits * wide_load(signs + k);
        energy += bits * bits;
        if (k < COMMON_BITS)
            common += turned;
        else
            last += turned;
    }
    float same = (common[0] + common[1]) + (common[2] + common[3]);
    float other = (last[0] + last[1]) + (last[2] + last[3]);
    float best = fabsf(same) + fabsf(other); /* of both synchronisations */
    float all = (energy[0] + energy[1]) + (energy[2] + energy[3]) + 1e-30F;
    return best * best / (BIPHASE_KNOWN_BITS * all);
}
_Static_assert(COMMON_BITS % WIDE == 0 && BIPHASE_KNOWN_BITS % WIDE == 0, "whole vectors");
