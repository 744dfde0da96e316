/* SPDX-License-Identifier: Apache-2.0 */
/* What a radio makes of a microphone's sound until a receiver's loudspeaker gives it: band of a voice,
 * pre-emphasis, limiter, perhaps de-emphasis, hiss. */
#ifndef RADIO_BAND_H
#define RADIO_BAND_H

#include <stdbool.h>
#include <stddef.h>

#include "atalaya/dsp/impair.h"

enum { RADIO_BAND_SECTIONS = 5 };

struct radio_band_settings {
    double rate_hz;
    bool sub_audio; /* what lies below 300 Hz stays: squelch tones and codes live there */
    bool pre_emphasis, de_emphasis;
    float drive; /* before the limiter at +-1 */
    float hiss;  /* standard deviation of white noise after it */
    float level; /* of everything */
};

struct radio_band {
    struct radio_band_settings settings;
    struct impair_emphasis before, after;
    struct radio_band_section {
        double b0, b1, b2, a1, a2, s1, s2;
    } section[RADIO_BAND_SECTIONS];
};

void radio_band_reset(struct radio_band *band, const struct radio_band_settings *settings);
/* In place [size: count]. */
void radio_band_execute(struct radio_band *band, struct impair_random *random, float *audio, size_t count);

#endif
