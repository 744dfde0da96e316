/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/dsp/carrier.h"

#include <complex.h>
#include <liquid/liquid.h>
#include <math.h>
#include <stdlib.h>

enum { WINDOWS_PER_S = 100, HISS_ORDER = 4, HISS_LEAST_HZ = 16000, LOUDNESS_LEAST_HZ = 1000 };
static const double hiss_hz = 4000.0, floor_dbfs = -200.0;

struct carrier {
    iirfilt_rrrf filter; /* NULL: loudness */
    size_t window, filled;
    double power;
};

enum atalaya_result carrier_create(double rate_hz, enum carrier_measure measure, struct carrier **carrier)
{
    bool hiss = measure == CARRIER_HISS;
    if (!(rate_hz >= (hiss ? HISS_LEAST_HZ : LOUDNESS_LEAST_HZ) && rate_hz < 1e8))
        return ATALAYA_E_ARGUMENT;
    struct carrier *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->window = (size_t)(rate_hz / WINDOWS_PER_S);
    if (hiss) {
        made->filter =
            iirfilt_rrrf_create_prototype(LIQUID_IIRDES_BUTTER, LIQUID_IIRDES_HIGHPASS, LIQUID_IIRDES_SOS,
                                          HISS_ORDER, (float)(hiss_hz / rate_hz), 0.0F, 1.0F, 60.0F);
        if (!made->filter) {
            free(made);
            return ATALAYA_E_MEMORY;
        }
    }
    *carrier = made;
    return ATALAYA_OK;
}

/* A sine of amplitude 1 has power 1/2, and is 0 dBFS. */
static double level_dbfs(const struct carrier *carrier)
{
    double mean = carrier->power / (double)carrier->window;
    return mean > 0.0 ? fmax(floor_dbfs, 10.0 * log10(2.0 * mean)) : floor_dbfs;
}

bool carrier_execute(struct carrier *carrier, const float *audio, size_t count, double *loudest_dbfs,
                     double *quietest_dbfs)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        float value =
            isfinite(audio[i]) ? fmaxf(-4.0F, fminf(4.0F, audio[i])) : 0.0F; /* a filter remembers */
        if (carrier->filter)
            (void)iirfilt_rrrf_execute(carrier->filter, value, &value);
        carrier->power += (double)value * (double)value;
        if (++carrier->filled < carrier->window)
            continue;
        double level = level_dbfs(carrier);
        *loudest_dbfs = any ? fmax(*loudest_dbfs, level) : level;
        *quietest_dbfs = any ? fmin(*quietest_dbfs, level) : level;
        any = true;
        carrier->filled = 0;
        carrier->power = 0.0;
    }
    return any;
}

void carrier_reset(struct carrier *carrier)
{
    if (carrier->filter)
        (void)iirfilt_rrrf_reset(carrier->filter);
    carrier->filled = 0;
    carrier->power = 0.0;
}

void carrier_destroy(struct carrier *carrier)
{
    if (!carrier)
        return;
    if (carrier->filter)
        (void)iirfilt_rrrf_destroy(carrier->filter);
    free(carrier);
}
