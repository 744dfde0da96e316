/* SPDX-License-Identifier: Apache-2.0 */
#include "dsss_despread.h"

struct dsss_pair dsss_despread(const struct dsss_despread *how, const struct dsss_place *place,
                               unsigned index, double late, double turn)
{
    const unsigned first = index * DSSS_CHIPS_A_BIT;
    const int8_t *code_i = how->code->i + first, *code_q = how->code->q + first;
    const float complex half = (float complex)cexp(-0.5 * turn * (double complex)_Complex_I);
    const float complex whole = half * half;
    float complex rotor =
        (float complex)cexp(turn * (0.5 * DSSS_CHIPS_A_BIT - 0.25) * (double complex)_Complex_I);
    float complex i = 0.0F, q = 0.0F;
    for (unsigned n = 0; n < DSSS_CHIPS_A_BIT; n++) {
        double chip = first + n + late;
        float complex on_i = dsss_window_read(how->window, how->filter, dsss_place_at(place, chip));
        float complex on_q = dsss_window_read(how->window, how->filter, dsss_place_at(place, chip + 0.5));
        i += on_i * rotor * (float)code_i[n];
        q += on_q * (rotor * half) * (float)code_q[n];
        rotor *= whole;
    }
    const float scale = 1.0F / DSSS_CHIPS_A_BIT;
    return (struct dsss_pair){scale * i, scale * q * -(float complex)_Complex_I};
}
