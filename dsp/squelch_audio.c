/* SPDX-License-Identifier: Apache-2.0 */
/* Audio of a receiver without squelch is loud noise until a carrier quiets it: noise above the voice tells.
 * Audio of one with squelch is silence until somebody speaks: level tells. Which of the two it is, the audio
 * shows while nobody transmits. */
#include "squelch_private.h"

#include <math.h>

static const double first_s = 0.3;
static const double learn_s = 2.0;
static const double quiet_open = 0.16, quiet_hold = 0.32; /* 8 and 5 dB below the noise */
static const double loud_open = 10.0, loud_hold = 4.0;    /* 10 and 6 dB above silence */
static const double loud_least = 1e-6;                    /* -60 dBFS: below, it is no voice */
static const double noise_least = 1e-5; /* -50 dBFS: below, it is a sound card's own noise */
static const double noise_share = 0.1; /* of a discriminator's noise most is high, of voice next to nothing */
static const double judge_s = 2.0;
static const double stuck_s = 600.0; /* nobody talks so long: what is learnt is wrong */

static bool is_noise(const struct squelch *s, double power, double high)
{
    return s->high != NULL && power > noise_least && high > noise_share * power;
}

static void settle(struct squelch *s, double power, double high)
{
    s->floor = fmax(power, 1e-20);
    s->high_floor = high;
    s->noisy = is_noise(s, power, high);
    s->hang_s = s->noisy ? SQUELCH_HANG_S : SQUELCH_AUDIO_HANG_S;
    s->judged_s = s->level_sum = s->level_hops = s->square_sum = s->fourth_sum = 0.0;
}

/* Silence follows at once, noise slowly: a voice must not become the silence. */
static void learn(struct squelch *s, const struct squelch_view *view)
{
    double slow = learn_s * s->hops_per_s, quick = slow / 8.0;
    if (s->quiet_s < 0.05)
        return;
    if (s->noisy) {
        s->floor += (view->power - s->floor) / slow;
        s->high_floor += (view->high - s->high_floor) / slow;
        s->noisy = is_noise(s, s->floor, s->high_floor);
    } else if (view->power < loud_hold * s->floor)
        s->floor += (view->power - s->floor) / (view->power < s->floor ? quick : slow);
    s->floor = fmax(s->floor, 1e-20);
    s->hang_s = s->noisy ? SQUELCH_HANG_S : SQUELCH_AUDIO_HANG_S;
}

/* Noise that stays where there was silence: somebody opened the squelch of the radio. A transmission without
 * end: what is learnt is wrong, as after somebody closed it. */
static void relearn(struct squelch *s, const struct squelch_view *view, squelch_sink *sink, void *context)
{
    double open_s = ((double)s->samples - s->first_sample) / s->rate_hz;
    s->square_sum += !s->noisy && is_noise(s, view->power, view->high) ? 1.0 : 0.0;
    s->fourth_sum += 1.0;
    s->judged_s += 1.0 / s->hops_per_s;
    if (s->judged_s < judge_s)
        return;
    bool wrong = s->square_sum > 0.9 * s->fourth_sum || open_s > stuck_s;
    s->judged_s = s->square_sum = s->fourth_sum = 0.0;
    if (!wrong)
        return;
    squelch_close(s, sink, context);
    settle(s, view->power, view->high);
}

void squelch_judge_audio(struct squelch *s, squelch_sink *sink, void *context)
{
    struct squelch_view view;
    bool above, held;
    if (s->hop_count < SQUELCH_WINDOW)
        return;
    squelch_window(s, &view);
    if (s->floor <= 0.0) {
        s->level_sum += view.power;
        s->fourth_sum += view.high;
        s->level_hops += 1.0;
        s->judged_s += 1.0 / s->hops_per_s;
        if (s->judged_s >= first_s)
            settle(s, s->level_sum / s->level_hops, s->fourth_sum / s->level_hops);
        return;
    }
    if (s->noisy) {
        above = view.high < quiet_open * s->high_floor;
        held = view.high < quiet_hold * s->high_floor;
    } else {
        above = view.power > loud_least && view.power > loud_open * s->floor;
        held = view.power > loud_least && view.power > loud_hold * s->floor;
    }
    squelch_gate(s, above, held, sink, context);
    if (s->open)
        relearn(s, &view, sink, context);
    else
        learn(s, &view);
}
