/* SPDX-License-Identifier: Apache-2.0 */
/* A burst, from where its preamble is to soft bits. */
#ifndef ATALAYA_DSP_DSSS_TRACK_H
#define ATALAYA_DSP_DSSS_TRACK_H

#include "dsss_despread.h"
#include "dsss_lock.h"

struct dsss_burst {
    int8_t soft[DSSS_BITS];  /* never 0: something is known of each */
    struct dsss_place place; /* of its chips */
    double turn;             /* carrier, radians a chip, mean */
    double amplitude;        /* of one component, at the peak of its chips */
    double noise;            /* power behind the despreading, where a bit has amplitude^2 */
};

void dsss_track(const struct dsss_despread *how, const struct dsss_lock *lock, struct dsss_burst *burst);

#endif
