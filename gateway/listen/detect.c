/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/detect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/spectrum.h"

static const double threshold =
    4.0; /* 6 dB over the noise, on the mean of some ten transforms: never by chance */
static const double join_hz = 1500.0;      /* lines of FM with a tone lie so far apart */
static const double joined_hz = 14000.0;   /* but what is wider than a channel then is two */
static const double under_peak = 1e-4;     /* 40 dB below its peak it is the skirt of a strong signal */
static const double neighbours_hz = 150e3; /* the noise is that of so much to either side */
static const double whole = 0.99, channel_hz = 12500.0;

struct detect {
    unsigned bins, looks;
    double bin_hz;
    float *power; /* [look][bin], smoothed over three bins */
    float *middle, *noise, *most, *sorted;
};

enum atalaya_result detect_create(struct detect **detect, unsigned bins, double bin_hz)
{
    if (bins < SPECTRUM_BINS_MIN || bins > SPECTRUM_BINS_MAX || !(bin_hz > 0))
        return ATALAYA_E_ARGUMENT;
    struct detect *d = calloc(1, sizeof *d);
    if (!d)
        return ATALAYA_E_MEMORY;
    d->bins = bins;
    d->bin_hz = bin_hz;
    d->power = calloc((size_t)bins * DETECT_LOOKS_MAX, sizeof *d->power);
    d->middle = calloc(bins, sizeof *d->middle);
    d->noise = calloc(bins, sizeof *d->noise);
    d->most = calloc(bins, sizeof *d->most);
    d->sorted = calloc(bins > DETECT_LOOKS_MAX ? bins : DETECT_LOOKS_MAX, sizeof *d->sorted);
    if (!d->power || !d->middle || !d->noise || !d->most || !d->sorted) {
        detect_destroy(d);
        return ATALAYA_E_MEMORY;
    }
    *detect = d;
    return ATALAYA_OK;
}

void detect_destroy(struct detect *d)
{
    if (!d)
        return;
    free(d->power);
    free(d->middle);
    free(d->noise);
    free(d->most);
    free(d->sorted);
    free(d);
}

bool detect_look(struct detect *d, const float *power)
{
    if (d->looks == DETECT_LOOKS_MAX)
        return false;
    float *look = d->power + (size_t)d->looks++ * d->bins;
    for (unsigned i = 0; i < d->bins; i++) {
        float before = power[i > 0 ? i - 1 : 0], after = power[i + 1 < d->bins ? i + 1 : i];
        look[i] = (before + power[i] + after) / 3.0F;
    }
    return true;
}

unsigned detect_looks(const struct detect *d)
{
    return d->looks;
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The middle of what a bin was over time; then of its neighbourhood the lower quarter, which signals that
 * never end do not reach. */
static void find_noise(struct detect *d)
{
    for (unsigned i = 0; i < d->bins; i++) {
        d->most[i] = 0.0F;
        for (unsigned k = 0; k < d->looks; k++) {
            d->sorted[k] = d->power[(size_t)k * d->bins + i];
            d->most[i] = fmaxf(d->most[i], d->sorted[k]);
        }
        qsort(d->sorted, d->looks, sizeof *d->sorted, compare);
        d->middle[i] = d->sorted[d->looks / 2];
    }
    unsigned reach = (unsigned)fmin(fmax(neighbours_hz / d->bin_hz, 8.0), d->bins / 2.0);
    unsigned step = reach / 4 + 1; /* it changes slowly */
    for (unsigned i = 0; i < d->bins; i += step) {
        unsigned from = i > reach ? i - reach : 0, to = i + reach < d->bins ? i + reach : d->bins;
        memcpy(d->sorted, d->middle + from, (to - from) * sizeof *d->sorted);
        qsort(d->sorted, to - from, sizeof *d->sorted, compare);
        for (unsigned k = i; k < i + step && k < d->bins; k++)
            d->noise[k] = fmaxf(d->sorted[(to - from) / 4], 1e-20F);
    }
}

/* The next bin from `at` on, below `end`, whose loudest look stands over the noise; end: there is none. */
static unsigned next_above(const struct detect *d, unsigned at, unsigned end, double least)
{
    while (at < end && !((double)d->most[at] > fmax(threshold * (double)d->noise[at], least)))
        at++;
    return at;
}

/* Power over the noise of bins [from, to), summed over the looks in which they are busy; the share of those.
 * strongest: mean of the looks within 3 dB of the strongest, for a single one owes that to chance. */
static double busy_power(const struct detect *d, unsigned from, unsigned to, float *sum, double *strongest)
{
    double totals[DETECT_LOOKS_MAX], most = 0.0, near = 0.0;
    unsigned busy = 0, near_count = 0;
    memset(sum, 0, (to - from) * sizeof *sum);
    for (unsigned k = 0; k < d->looks; k++) {
        const float *look = d->power + (size_t)k * d->bins;
        bool above = false;
        totals[busy] = 0.0;
        for (unsigned i = from; i < to; i++) {
            above = above || (double)look[i] > threshold * (double)d->noise[i];
            totals[busy] += fmax((double)(look[i] - d->noise[i]), 0.0);
        }
        if (!above)
            continue;
        most = fmax(most, totals[busy++]);
        for (unsigned i = from; i < to; i++)
            sum[i - from] += look[i] - d->noise[i];
    }
    for (unsigned k = 0; k < busy; k++)
        if (totals[k] >= most / 2.0) {
            near += totals[k];
            near_count++;
        }
    *strongest = near_count ? near / near_count : 0.0;
    return (double)busy / d->looks;
}

static void measure(struct detect *d, unsigned from, unsigned to, struct detect_signal *signal)
{
    float *sum = d->sorted; /* its work is done */
    double strongest, total = 0.0, moment = 0.0, below = 0.0;
    unsigned left = from, right = to - 1;
    signal->busy = busy_power(d, from, to, sum, &strongest);
    for (unsigned i = from; i < to; i++) {
        double power = fmax((double)sum[i - from], 0.0);
        total += power;
        moment += power * ((double)i - d->bins / 2.0);
    }
    for (; left < right; left++) {
        below += fmax((double)sum[left - from], 0.0);
        if (below > total * (1.0 - whole) / 2.0)
            break;
    }
    below = 0.0;
    for (; right > left; right--) {
        below += fmax((double)sum[right - from], 0.0);
        if (below > total * (1.0 - whole) / 2.0)
            break;
    }
    double middle = (double)d->noise[(from + to) / 2];
    signal->offset_hz = total > 0.0 ? moment / total * d->bin_hz : 0.0;
    signal->width_hz = (right - left + 1) * d->bin_hz;
    signal->level_db = 10.0 * log10(fmax(strongest, 1e-20) / SPECTRUM_NOISE_BINS);
    signal->noise_db = 10.0 * log10(middle / SPECTRUM_NOISE_BINS / d->bin_hz * channel_hz);
}

/* The next stretch of bins above the noise, with gaps of a bin or two, and without the skirts. */
static bool next_stretch(const struct detect *d, unsigned at, unsigned end, unsigned *from, unsigned *to)
{
    *from = next_above(d, at, end, 0.0);
    if (*from == end)
        return false;
    double peak = (double)d->most[*from];
    unsigned next;
    *to = *from + 1;
    while ((next = next_above(d, *to, end, peak * under_peak)) < end && next - *to <= 2) {
        *to = next + 1;
        peak = fmax(peak, (double)d->most[next]);
    }
    *from = next_above(d, *from, *to, peak * under_peak);
    return true;
}

unsigned detect_take(struct detect *d, double from_hz, double to_hz, struct detect_signal *signals)
{
    unsigned count = 0, from, to, next_from, next_to;
    if (d->looks == 0)
        return 0;
    find_noise(d);
    unsigned end = (unsigned)fmin(fmax(ceil(d->bins / 2.0 + to_hz / d->bin_hz), 0.0), d->bins);
    unsigned at = (unsigned)fmin(fmax(floor(d->bins / 2.0 + from_hz / d->bin_hz), 0.0), end);
    bool more = next_stretch(d, at, end, &from, &to);
    while (more && count < DETECT_SIGNALS_MAX) {
        more = next_stretch(d, to, end, &next_from, &next_to);
        if (more && (next_from - to) * d->bin_hz <= join_hz && (next_to - from) * d->bin_hz <= joined_hz) {
            to = next_to;
            continue;
        }
        measure(d, from, to, &signals[count++]);
        from = next_from;
        to = next_to;
    }
    d->looks = 0;
    return count;
}
