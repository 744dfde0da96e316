/* SPDX-License-Identifier: Apache-2.0 */
#include "biphase.h"

#include <math.h>
#include <string.h>

enum { COMMON_BITS = 16 /* the two synchronisations differ in the eight after these */ };

void biphase_window_reset(struct biphase_window *window)
{
    window->total = 0;
    window->count = 0;
}

/* When the room is used up, the newest three quarters move to the front. */
void biphase_window_push(struct biphase_window *window, float complex sample)
{
    if (window->count == BIPHASE_WINDOW) {
        window->count = BIPHASE_WINDOW / 4 * 3;
        memmove(window->z, window->z + BIPHASE_WINDOW - window->count, window->count * sizeof *window->z);
    }
    window->z[window->count++] = sample;
    window->total++;
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
