/* SPDX-License-Identifier: Apache-2.0 */
/* Tones of selective calling and DTMF in the audio band. Neighbours of every standard are 60 Hz or more
 * apart; the shortest tone lasts 33 ms. */
#include "atalaya/tones.h"

#include "tone_bank.h"

static const float hz[TONE_COUNT] = {
#define ATALAYA_TONE(hz) hz,
#include "atalaya/tones.def"
#undef ATALAYA_TONE
};

static const struct tone_bank bank = {
    .hz = hz,
    .count = TONE_COUNT,
    .hop_s = TONES_HOP_MS * 1e-3,
    .window_s = 0.030,
    .low_hz = 380.0,
    .high_hz = 2950.0,
    .inner_hz = 8000.0,
    .reach_percent = TONES_REACH_PERCENT,
};

TONE_BANK_CLASS(tones);
