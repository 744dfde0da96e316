/* SPDX-License-Identifier: Apache-2.0 */
/* Watches for the flags that AX.25 begins with: in audio they are seven bits of one tone and one of the
 * other, over and over. A comb adds them up; it needs no clock and no carrier, and hears what no bit can be
 * read of. */
#ifndef ATALAYA_DSP_RF_FLAGS_H
#define ATALAYA_DSP_RF_FLAGS_H

#include <stdbool.h>

#include "tone_windows.h"

enum { RF_FLAG_BITS = 8, RF_FLAG_SAMPLES = RF_FLAG_BITS * BASEBAND_PER_BIT };

struct rf_flags {
    float re[2][RF_FLAG_SAMPLES],
        im[2][RF_FLAG_SAMPLES]; /* sums of tone windows a flag apart, SPACE and MARK */
    float power[2];             /* running, of single windows */
    uint64_t total;             /* windows, as many as of the tone windows */
};

/* Where flags seem to be. */
struct rf_flags_found {
    uint64_t window; /* with this one ends the bit that is unlike the seven before */
    unsigned odd;    /* its tone */
    float strength;  /* energy in units of the noise's; e.g. 16 in noise once in some millions of flags */
};

void rf_flags_reset(struct rf_flags *flags);
/* The newest window. true once a flag: the likeliest place of that time is in *found. */
bool rf_flags_push(struct rf_flags *flags, const struct tone_windows *windows, struct rf_flags_found *found);
/* Tone of a bit of flags, the odd one last. */
unsigned rf_flags_tone(unsigned bit, unsigned odd);

#endif
