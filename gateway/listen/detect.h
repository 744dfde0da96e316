/* SPDX-License-Identifier: Apache-2.0 */
/* Signals in a spectrum that was taken again and again: what stands over the noise, where, how wide, how
 * often. Pure. */
#ifndef ATALAYA_LISTEN_DETECT_H
#define ATALAYA_LISTEN_DETECT_H

#include <stdbool.h>
#include <stddef.h>

#include "atalaya/result.h"

enum { DETECT_LOOKS_MAX = 256, DETECT_SIGNALS_MAX = 256 };

struct detect_signal {
    double offset_hz; /* of its middle, by power, from the middle of the spectrum */
    double width_hz;  /* that holds 99 % of the power */
    double level_db;  /* at its strongest; 0 dB: a carrier of amplitude 1 */
    double noise_db;  /* in 12.5 kHz there */
    double busy;      /* share of the looks in which it was there */
};

struct detect;

/* bins, bin_hz: of the spectrum, as spectrum.h gives it. Errors: ATALAYA_E_ARGUMENT, ATALAYA_E_MEMORY. */
enum atalaya_result detect_create(struct detect **detect, unsigned bins, double bin_hz);
/* power [size: bins]: one look. false: DETECT_LOOKS_MAX have been taken. */
bool detect_look(struct detect *detect, const float *power);
unsigned detect_looks(const struct detect *detect);
/* Signals between two offsets, lowest first [size: DETECT_SIGNALS_MAX]; returns their number. The looks are
 * forgotten. */
unsigned detect_take(struct detect *detect, double from_hz, double to_hz, struct detect_signal *signals);
void detect_destroy(struct detect *detect); /* NULL is allowed */

#endif
