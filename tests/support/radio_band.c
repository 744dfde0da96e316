/* SPDX-License-Identifier: Apache-2.0 */
#include "radio_band.h"

#include <math.h>
#include <string.h>

enum {
    BEFORE =
        3 /* of the sections: two high-passes and a low-pass; two more low-passes stand behind the limiter */
};

/* Second order, bilinear transform of the analogue filter of quality q. */
static void section_init(struct radio_band_section *section, double hz, double q, double rate_hz, bool high)
{
    double w = 2.0 * M_PI * hz / rate_hz, alpha = sin(w) / (2.0 * q), a0 = 1.0 + alpha;
    double edge = high ? (1.0 + cos(w)) / 2.0 : (1.0 - cos(w)) / 2.0;
    section->b0 = section->b2 = edge / a0;
    section->b1 = (high ? -2.0 : 2.0) * edge / a0;
    section->a1 = -2.0 * cos(w) / a0;
    section->a2 = (1.0 - alpha) / a0;
    section->s1 = section->s2 = 0.0;
}

static double section_execute(struct radio_band_section *section, double in)
{
    double out = section->b0 * in + section->s1;
    section->s1 = section->b1 * in - section->a1 * out + section->s2;
    section->s2 = section->b2 * in - section->a2 * out;
    return out;
}

void radio_band_reset(struct radio_band *band, const struct radio_band_settings *settings)
{
    const double rate_hz = settings->rate_hz, low_hz = settings->sub_audio ? 40.0 : 300.0;
    memset(band, 0, sizeof *band);
    band->settings = *settings;
    impair_emphasis_create(&band->before, rate_hz, 1000.0, true);
    impair_emphasis_create(&band->after, rate_hz, 1000.0, false);
    section_init(&band->section[0], low_hz, 0.54, rate_hz, true); /* Butterworth of fourth order */
    section_init(&band->section[1], low_hz, 1.31, rate_hz, true);
    section_init(&band->section[2], 3000.0, 0.71, rate_hz, false);
    section_init(&band->section[3], 3000.0, 0.54, rate_hz, false);
    section_init(&band->section[4], 3000.0, 1.31, rate_hz, false);
}

void radio_band_execute(struct radio_band *band, struct impair_random *random, float *audio, size_t count)
{
    const struct radio_band_settings *settings = &band->settings;
    for (size_t i = 0; i < count; i++) {
        double sample = (double)audio[i];
        for (int s = 0; s < BEFORE; s++)
            sample = section_execute(&band->section[s], sample);
        if (settings->pre_emphasis)
            sample = (double)impair_emphasis_execute(&band->before, (float)sample);
        sample = fmin(fmax(sample * (double)settings->drive, -1.0), 1.0);
        for (int s = BEFORE; s < RADIO_BAND_SECTIONS; s++)
            sample = section_execute(&band->section[s], sample);
        if (settings->de_emphasis)
            sample = (double)impair_emphasis_execute(&band->after, (float)sample);
        audio[i] = (float)sample;
    }
    impair_add_noise(random, audio, count, (double)settings->hiss);
    for (size_t i = 0; i < count; i++)
        audio[i] *= settings->level;
}
