/* SPDX-License-Identifier: Apache-2.0 */
/* A burst's preamble, once more and exactly: shape of its chips, place, clock and carrier. */
#ifndef ATALAYA_DSP_DSSS_LOCK_H
#define ATALAYA_DSP_DSSS_LOCK_H

#include <stdbool.h>

#include "dsss_despread.h"
#include "dsss_pulse.h"

struct dsss_lock {
    unsigned pulse;
    struct dsss_place place;
    double turn;      /* carrier, radians a chip, over the preamble */
    double phase;     /* ... and where it is in the middle of the preamble's middle pair */
    double amplitude; /* of one component, at the peak of its chips */
    double quality;   /* energy over the noise's; at an Eb/N0 of 0 dB about 50 */
};

/* filters [size: DSSS_PULSES], each for what was sent with its pulse. at: the middle of the first chip within
 * a chip; turn: the carrier within 5 Hz. False: there is none. */
bool dsss_lock(const struct dsss_window *window, const struct dsss_filter *filters,
               const struct dsss_code *code, const struct dsss_place *near, double turn,
               struct dsss_lock *lock);

#endif
