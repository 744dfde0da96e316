/* SPDX-License-Identifier: Apache-2.0 */
/* Continuous tones below the voice. Only one sounds at a time, so that the window need not tell neighbours
 * apart (they are 1.5 % from each other), only measure to a fraction of that; 0.4 s do so in noise too. */
#include "atalaya/squelch_tones.h"

#include "tone_bank.h"

static const float hz[SQUELCH_TONE_COUNT] = {
#define ATALAYA_SQUELCH_TONE(tenths) tenths / 10.0F,
#include "atalaya/squelch_tones.def"
#undef ATALAYA_SQUELCH_TONE
};

static const struct tone_bank bank = {
    .hz = hz,
    .count = SQUELCH_TONE_COUNT,
    .hop_s = SQUELCH_HOP_MS * 1e-3,
    .window_s = 0.400,
    .low_hz = 57.0,
    .high_hz = 275.0,
    .inner_hz = 800.0,
    .reach_percent = SQUELCH_REACH_PERCENT,
};

TONE_BANK_CLASS(ctcss);
