/* SPDX-License-Identifier: Apache-2.0 */
#include "audio_decimator.h"

#include <assert.h>
#include <string.h>

#include "kaiser.h"
#include "wide.h"

enum { WIDTH = 2 * WIDER, ONE_STEP_MOST = 8 };
#define STOP_DB   60.0
#define INEXACT   1.001 /* sound cards' rates */
#define BESSEL_DB 14.36 /* Kaiser's rule for the length of his filters: (stop - 7.95) / 14.36 */

static unsigned taps_for(double rate_hz, double transition_hz)
{
    return 2 * (unsigned)(0.5 * (STOP_DB - 7.95) / BESSEL_DB * rate_hz / transition_hz) + 3;
}

static void step_init(struct decimator_step *step, double rate_hz, unsigned decimation, double cut_hz,
                      double transition_hz)
{
    float taps[AUDIO_DECIMATOR_TAPS_MAX], sum = 0.0F;
    unsigned count = taps_for(rate_hz, transition_hz);
    assert(count <= AUDIO_DECIMATOR_TAPS_MAX);
    kaiser_lowpass(taps, count, cut_hz / rate_hz, (float)STOP_DB);
    step->decimation = decimation;
    step->taps = (count + WIDTH - 1) / WIDTH * WIDTH;
    for (unsigned i = 0; i < count; i++)
        sum += taps[i];
    for (unsigned i = 0; i < count; i++)
        step->tap[step->taps - 1 - i] = taps[i] / sum;
}

/* What a second step costs for `first` in the first one, in products a second. */
static double cost_of(double rate_hz, unsigned decimation, unsigned first, double stop_hz,
                      double transition_hz)
{
    double middle_hz = rate_hz / first;
    double sharp = taps_for(middle_hz, transition_hz) * rate_hz / decimation;
    return first == 1 ? sharp : sharp + taps_for(rate_hz, middle_hz - 2.0 * stop_hz) * middle_hz;
}

void audio_decimator_init(struct audio_decimator *decimator, double rate_hz, double inner_hz, double cut_hz,
                          double transition_hz)
{
    const double stop_hz = cut_hz + 0.5 * transition_hz;
    unsigned whole = (unsigned)(rate_hz / inner_hz * INEXACT), first = 1;
    memset(decimator, 0, sizeof *decimator);
    whole = whole > ONE_STEP_MOST ? whole / 2 * 2 : whole; /* not prime */
    decimator->decimation = whole > 1 ? whole : 1;
    if (whole <= 1)
        return;
    for (unsigned d = 2; d < whole && whole > ONE_STEP_MOST; d++)
        if (whole % d == 0 && cost_of(rate_hz, whole, d, stop_hz, transition_hz) <
                                  cost_of(rate_hz, whole, first, stop_hz, transition_hz))
            first = d;
    double middle_hz = rate_hz / first, before = 0.0;
    if (first > 1) {
        step_init(&decimator->step[decimator->steps++], rate_hz, first, 0.5 * middle_hz,
                  middle_hz - 2.0 * stop_hz);
        before = 0.5 * (taps_for(rate_hz, middle_hz - 2.0 * stop_hz) - 1);
    }
    step_init(&decimator->step[decimator->steps++], middle_hz, whole / first, cut_hz, transition_hz);
    /* An output is due with the last of its inputs. */
    decimator->lag = before + 0.5 * first * (taps_for(middle_hz, transition_hz) - 1) - (whole - 1.0);
    audio_decimator_reset(decimator);
}

void audio_decimator_reset(struct audio_decimator *decimator)
{
    for (unsigned i = 0; i < decimator->steps; i++) {
        struct decimator_step *step = &decimator->step[i];
        memset(step->input, 0, sizeof step->input);
        step->skip = step->decimation - 1;
    }
}

WIDE_INSIDE float filter(const struct decimator_step *step, const float *newest)
{
    const float *input = newest + 1 - step->taps;
    wider sum[2] = {{0}, {0}}; /* an addition does not wait for the last */
    for (unsigned i = 0; i < step->taps; i += WIDTH)
        for (unsigned k = 0; k < 2; k++) {
            wider x, tap;
            memcpy(&x, input + i + k * WIDER, sizeof x);
            memcpy(&tap, step->tap + i + k * WIDER, sizeof tap);
            sum[k] += x * tap;
        }
    const wider all = sum[0] + sum[1];
    return ((all[0] + all[4]) + (all[1] + all[5])) + ((all[2] + all[6]) + (all[3] + all[7]));
}

WIDE_TWICE static unsigned step_execute(struct decimator_step *step, const float *samples, unsigned count,
                                        float *out)
{
    float *fresh = step->input + step->taps;
    unsigned made = 0, at = step->skip;
    memcpy(fresh, samples, count * sizeof *samples);
    for (; at < count; at += step->decimation)
        out[made++] = filter(step, fresh + at);
    step->skip = at - count;
    memmove(step->input, step->input + count, step->taps * sizeof *step->input);
    return made;
}

unsigned audio_decimator_execute(struct audio_decimator *decimator, const float *samples, unsigned count,
                                 float *out)
{
    assert(count <= AUDIO_DECIMATOR_CHUNK_MAX);
    if (decimator->steps == 0)
        memcpy(out, samples, count * sizeof *samples);
    for (unsigned i = 0; i < decimator->steps; i++, samples = out)
        count = step_execute(&decimator->step[i], samples, count, out);
    return count;
}
