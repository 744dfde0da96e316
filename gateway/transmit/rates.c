/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit/rates.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double room(unsigned per_hour)
{
    return fmax(1.0, per_hour / 6.0);
}

/* Its place; a new one starts full. When all are taken, the one that was idle longest gives way: it is full,
 * or nearly. */
static unsigned place_of(struct rates *rates, const char *name, unsigned per_hour, int64_t now_ns)
{
    unsigned oldest = 0;
    for (unsigned i = 0; i < rates->count; i++) {
        if (strcmp(rates->of[i].name, name) == 0)
            return i;
        if (rates->of[i].since_ns < rates->of[oldest].since_ns)
            oldest = i;
    }
    unsigned place = rates->count < RATES_MAX ? rates->count++ : oldest;
    snprintf(rates->of[place].name, sizeof rates->of[place].name, "%s", name);
    rates->of[place].left = room(per_hour);
    rates->of[place].since_ns = now_ns;
    return place;
}

bool rates_take(struct rates *rates, const char *name, unsigned per_hour, int64_t now_ns)
{
    unsigned i = place_of(rates, name, per_hour, now_ns);
    double gained = (double)(now_ns - rates->of[i].since_ns) * 1e-9 * per_hour / 3600.0;
    double left = fmin(room(per_hour), rates->of[i].left + fmax(0.0, gained));
    bool allowed = per_hour > 0 && left >= 1.0;
    rates->of[i].left = allowed ? left - 1.0 : left;
    rates->of[i].since_ns = now_ns;
    return allowed;
}
