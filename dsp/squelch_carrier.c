/* SPDX-License-Identifier: Apache-2.0 */
/* A carrier is power above the noise. The noise is learnt while nothing is there. Two cases need more than
 * power: a carrier that is there from the start, and noise that rises. The envelope tells them apart: of
 * noise the mean of |x|^4 is twice the square of the mean of |x|^2, of a carrier the two are equal; in
 * between their difference gives both (moments of second and fourth order, T. Benedict, T. Soong, The Joint
 * Estimation of Signal and Noise from the Sum Envelope, 1967). */
#include "squelch_private.h"

#include <math.h>

static const double open_ratio = 2.24; /* 3.5 dB: in noise alone once a day, for a few milliseconds */
static const double hold_ratio = 1.58; /* 2 dB */
static const double steady_ratio = 1.4;
static const double first_s = 0.1; /* so long the beginning is watched before anything is said */
static const double learn_s = 1.0; /* time constant of the noise */
static const double noise_s = 5.0; /* noise-like for so long is noise */
static const double noise_kurtosis = 1.85;

/* Means over windows, so that fading, which is slower, does not look like noise. */
static double kurtosis(const struct squelch *s)
{
    double n = (double)s->hop_length * SQUELCH_WINDOW;
    return s->square_sum > 0.0 ? s->fourth_sum / s->square_sum * (n + 1.0) / n : 0.0;
}

static void gather(struct squelch *s, const struct squelch_view *view)
{
    s->fourth_sum += view->fourth;
    s->square_sum += view->square;
    s->judged_s += 1.0 / s->hops_per_s;
}

/* The noise below what was there from the start on. */
static void begin(struct squelch *s, const struct squelch_view *view)
{
    gather(s, view);
    s->level_sum += view->power;
    s->level_hops += 1.0;
    if (s->judged_s < first_s)
        return;
    double power = s->level_sum / s->level_hops;
    double carrier = power * sqrt(fmin(fmax(2.0 - kurtosis(s), 0.0), 1.0));
    /* An estimate that would open on noise alone is worth nothing. */
    s->floor = carrier > 0.6 * power ? fmax(power - carrier, power * 1e-4) : power;
    s->floor = fmax(s->floor, 1e-20);
    s->fourth_sum = s->square_sum = s->judged_s = 0.0;
}

static void learn(struct squelch *s, const struct squelch_view *view)
{
    /* The end of a transmission, and the beginning of the next, are not noise. */
    if (s->quiet_s < 0.05 || view->power > hold_ratio * s->floor)
        return;
    double quick = fmin(s->learnt_s + 0.02, learn_s);
    s->floor += (view->power - s->floor) / (quick * s->hops_per_s);
    s->learnt_s = fmin(s->learnt_s + 1.0 / s->hops_per_s, learn_s);
    s->floor = fmax(s->floor, 1e-20);
}

void squelch_judge_carrier(struct squelch *s, squelch_sink *sink, void *context)
{
    struct squelch_view view;
    if (s->hop_count < SQUELCH_WINDOW)
        return;
    squelch_window(s, &view);
    if (s->floor <= 0.0) {
        begin(s, &view);
        return;
    }
    bool held = view.power > hold_ratio * s->floor && view.steady > steady_ratio * s->floor;
    squelch_gate(s, view.power > open_ratio * s->floor, held, sink, context);
    if (!s->open) {
        learn(s, &view);
        return;
    }
    gather(s, &view);
    if (s->judged_s < noise_s)
        return;
    bool is_noise = kurtosis(s) > noise_kurtosis;
    s->fourth_sum = s->square_sum = s->judged_s = 0.0;
    if (!is_noise)
        return;
    s->floor = s->level_sum / fmax(s->level_hops, 1.0);
    squelch_close(s, sink, context);
}
