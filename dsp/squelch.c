/* SPDX-License-Identifier: Apache-2.0 */
#include "kaiser.h"
#include "squelch_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNEL_TAPS = 33, TAPS_MAX = 2047, HIGH_ORDER = 6 };
static const double measured_hz = 9600.0; /* a carrier's power needs no more samples than this */
static const double hop_s = 0.0005;
static const double high_hz = 4500.0; /* above speech and the tones of modems */
static const float stop_db = 60.0F;

static enum atalaya_result create_filters(struct squelch *s)
{
    if (s->iq) {
        /* Flat to 4 kHz, -6 dB at 5 kHz: the neighbour 12.5 kHz off shall not open it. */
        float shape[TAPS_MAX];
        double cutoff = SQUELCH_WIDTH_HZ / 2.0 / s->rate_hz;
        unsigned taps = (unsigned)lround(CHANNEL_TAPS * s->rate_hz / 19200.0) | 1U;
        if (taps > TAPS_MAX || s->stride > SQUELCH_STRIDE_MAX)
            return ATALAYA_E_ARGUMENT;
        kaiser_lowpass(shape, taps, cutoff, stop_db);
        for (unsigned i = 0; i < taps; i++)
            shape[i] *= (float)(2.0 * cutoff);
        s->channel = firdecim_crcf_create(s->stride, shape, taps);
        if (s->channel == NULL)
            return ATALAYA_E_MEMORY;
        s->delay_samples = (taps - 1) / 2.0 + (s->stride - 1); /* it answers to the first of its samples */
    } else if (s->rate_hz > 3.0 * high_hz) {
        s->high =
            iirfilt_rrrf_create_prototype(LIQUID_IIRDES_BUTTER, LIQUID_IIRDES_HIGHPASS, LIQUID_IIRDES_SOS,
                                          HIGH_ORDER, (float)(high_hz / s->rate_hz), 0.0F, 1.0F, 60.0F);
        if (s->high == NULL)
            return ATALAYA_E_MEMORY;
    }
    return ATALAYA_OK;
}

enum atalaya_result squelch_create(struct squelch **squelch, double rate_hz, bool iq)
{
    if (!(rate_hz >= SQUELCH_LEAST_RATE_HZ && rate_hz <= 1e6) || (iq && rate_hz < SQUELCH_WIDTH_HZ))
        return ATALAYA_E_ARGUMENT;
    struct squelch *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ATALAYA_E_MEMORY;
    s->rate_hz = rate_hz;
    s->iq = iq;
    s->stride = iq ? (unsigned)fmax(floor(rate_hz / measured_hz), 1.0) : 1;
    s->hop_length = (unsigned)fmax(lround(hop_s * rate_hz / s->stride), 1.0);
    s->hop_samples = (double)s->hop_length * s->stride;
    s->hops_per_s = rate_hz / s->hop_samples;
    s->hang_s = SQUELCH_HANG_S;
    s->quietest = -1.0;
    enum atalaya_result result = create_filters(s);
    if (result != ATALAYA_OK) {
        squelch_destroy(s);
        return result;
    }
    *squelch = s;
    return ATALAYA_OK;
}

void squelch_destroy(struct squelch *squelch)
{
    if (squelch == NULL)
        return;
    if (squelch->channel != NULL)
        firdecim_crcf_destroy(squelch->channel);
    if (squelch->high != NULL)
        iirfilt_rrrf_destroy(squelch->high);
    free(squelch);
}

/* The hop so many before the next one. */
static const struct squelch_hop *hop_back(const struct squelch *s, unsigned back)
{
    return &s->hops[(s->hop_next + SQUELCH_LONG - back) % SQUELCH_LONG];
}

void squelch_window(const struct squelch *s, struct squelch_view *view)
{
    *view = (struct squelch_view){0};
    for (unsigned back = 1; back <= SQUELCH_WINDOW; back++) {
        const struct squelch_hop *hop = hop_back(s, back);
        view->power += hop->power / SQUELCH_WINDOW;
        view->fourth += hop->fourth / SQUELCH_WINDOW;
        view->high += hop->high / SQUELCH_WINDOW;
    }
    view->square = view->power * view->power;
    for (unsigned i = 0; i < s->hop_count; i++) /* the ring is full, or began at 0 */
        view->steady += s->hops[i].power;
    view->steady /= s->hop_count;
}

static float decibels(double power)
{
    return power > 0.0 ? (float)(10.0 * log10(power)) : -200.0F;
}

static void tell(const struct squelch *s, bool open, squelch_sink *sink, void *context)
{
    double mean = s->level_hops > 0.0 ? s->level_sum / s->level_hops : 0.0;
    double level = fmax(mean - s->floor, 0.0);
    double measured_rate_hz = s->rate_hz / s->stride;
    bool carrier = s->iq && !open && cabsf(s->turn_sum) > 0.0F;
    const struct squelch_event event = {
        .open = open,
        .first_sample = s->first_sample,
        .end_sample = open ? (double)NAN : s->last_sample,
        .level_dbfs = s->iq ? decibels(level) : decibels(mean),
        .floor_dbfs = decibels(s->floor),
        .snr_db = s->iq && s->floor > 0.0 ? decibels(level / s->floor) : NAN,
        .offset_hz = carrier ? (float)(atan2((double)cimagf(s->turn_sum), (double)crealf(s->turn_sum)) *
                                       measured_rate_hz / (2.0 * M_PI))
                             : NAN,
    };
    if (sink)
        sink(context, &event);
}

/* The window is a mean: where the transmission began shows in its hops. */
static double onset(const struct squelch *s)
{
    const struct squelch_hop *newest = hop_back(s, 1);
    double between = s->iq ? sqrt(fmax(newest->power, 1e-30) * fmax(s->floor, 1e-30)) : 0.0;
    double now = (double)s->samples - s->delay_samples;
    for (unsigned back = SQUELCH_WINDOW; s->iq && back > 0; back--)
        if (hop_back(s, back)->power > between)
            return now - back * s->hop_samples;
    return now - SQUELCH_WINDOW * s->hop_samples;
}

void squelch_close(struct squelch *s, squelch_sink *sink, void *context)
{
    if (!s->open)
        return;
    s->open = false;
    s->quiet_s = 0.0;
    tell(s, false, sink, context);
}

void squelch_gate(struct squelch *s, bool above, bool held, squelch_sink *sink, void *context)
{
    const struct squelch_hop *newest = hop_back(s, 1);
    double now = (double)s->samples - s->delay_samples;
    if (!s->open && above) {
        s->open = true;
        s->level_sum = s->level_hops = 0.0;
        s->turn_sum = 0.0F;
        s->fourth_sum = s->square_sum = s->judged_s = 0.0;
        s->first_sample = fmax(onset(s), 0.0);
        s->last_sample = now;
        s->level_sum = newest->power;
        s->level_hops = 1.0;
        tell(s, true, sink, context);
        s->level_sum = s->level_hops = 0.0;
    }
    if (!s->open) {
        s->quiet_s += 1.0 / s->hops_per_s;
        return;
    }
    if (held) {
        s->last_sample = now;
        s->level_sum += newest->power;
        s->level_hops += 1.0;
        s->turn_sum += newest->turn;
    } else if (now - s->last_sample > s->hang_s * s->rate_hz)
        squelch_close(s, sink, context);
}

static void note_level(struct squelch *s, const struct squelch_hop *hop)
{
    s->window.power += hop->power / SQUELCH_LEVEL;
    s->window.high += hop->high / SQUELCH_LEVEL;
    if (++s->window_hops < SQUELCH_LEVEL)
        return;
    bool any = s->quietest >= 0.0;
    s->loudest = any ? fmax(s->loudest, s->window.power) : s->window.power;
    s->quietest = any ? fmin(s->quietest, s->window.high) : s->window.high;
    s->window = (struct squelch_hop){0};
    s->window_hops = 0;
}

bool squelch_levels(struct squelch *s, struct squelch_levels *levels)
{
    if (s->quietest < 0.0)
        return false;
    const double full_scale = s->iq ? 1.0 : 0.5; /* of amplitude 1 */
    *levels = (struct squelch_levels){.loudest_dbfs = decibels(s->loudest / full_scale),
                                      .quietest_dbfs = decibels(s->quietest / full_scale)};
    s->quietest = -1.0;
    return true;
}

static void finish_hop(struct squelch *s, squelch_sink *sink, void *context)
{
    struct squelch_hop *hop = &s->hops[s->hop_next];
    *hop = s->sum;
    hop->power /= s->hop_length;
    hop->fourth /= s->hop_length;
    hop->high /= s->hop_length;
    s->sum = (struct squelch_hop){0};
    s->hop_at = 0;
    s->hop_next = (s->hop_next + 1) % SQUELCH_LONG;
    s->hop_count += s->hop_count < SQUELCH_LONG;
    note_level(s, hop);
    s->recent += (hop->power - s->recent) / 40.0;
    if (s->iq)
        squelch_judge_carrier(s, sink, context);
    else
        squelch_judge_audio(s, sink, context);
}

/* Not finite, or beyond what any receiver gives: nothing. One bad sample would stay in a recursive filter. */
static float tamed(float sample)
{
    return fabsf(sample) <= 64.0F ? sample : 0.0F;
}

void squelch_execute(struct squelch *s, const float *audio, size_t count, squelch_sink *sink, void *context)
{
    for (size_t i = 0; i < count; i++) {
        float sample = tamed(audio[i]), high = 0.0F;
        if (s->high != NULL)
            iirfilt_rrrf_execute(s->high, sample, &high);
        s->samples++;
        s->sum.power += (double)(sample * sample);
        s->sum.high += (double)(high * high);
        if (++s->hop_at == s->hop_length)
            finish_hop(s, sink, context);
    }
}

void squelch_execute_iq(struct squelch *s, const float complex *iq, size_t count, squelch_sink *sink,
                        void *context)
{
    for (size_t i = 0; i < count; i++) {
        s->gathered[s->stride_at] = tamed(crealf(iq[i])) + _Complex_I * tamed(cimagf(iq[i]));
        s->samples++;
        if (++s->stride_at < s->stride)
            continue;
        float complex sample;
        s->stride_at = 0;
        firdecim_crcf_execute(s->channel, s->gathered, &sample);
        double power = (double)(crealf(sample) * crealf(sample) + cimagf(sample) * cimagf(sample));
        s->sum.power += power;
        s->sum.fourth += power * power;
        s->sum.turn += sample * conjf(s->last);
        s->last = sample;
        if (++s->hop_at == s->hop_length)
            finish_hop(s, sink, context);
    }
}

void squelch_figures(const struct squelch *s, struct squelch_figures *figures)
{
    *figures = (struct squelch_figures){.open = s->open,
                                        .level_dbfs = decibels(s->recent),
                                        .floor_dbfs = s->floor > 0.0 ? decibels(s->floor) : NAN};
}

void squelch_restart(struct squelch *s, squelch_sink *sink, void *context)
{
    squelch_close(s, sink, context);
    if (s->channel != NULL)
        firdecim_crcf_reset(s->channel);
    if (s->high != NULL)
        iirfilt_rrrf_reset(s->high);
    s->samples = 0;
    s->stride_at = s->hop_at = s->hop_count = s->hop_next = 0;
    s->sum = s->window = (struct squelch_hop){0};
    s->window_hops = 0;
    s->quietest = -1.0;
    s->last = 0.0F;
}
