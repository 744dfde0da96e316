/* SPDX-License-Identifier: Apache-2.0 */
/* When frames that arrive late by unknown amounts (a network, a driver's buffers) were at the antenna. Delay
 * only ever adds, so that the earliest arrival tells the truth. Frames that somebody dropped on the way show
 * as a delay that does not go away. Pure. */
#ifndef GATEWAY_SOURCE_STREAM_CLOCK_H
#define GATEWAY_SOURCE_STREAM_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream_clock {
    double rate_hz;
    bool running; /* next_ns is known */
    bool gap;     /* frames are known to be missing, but not how many */
    int64_t next_ns;
    int64_t least_ns;      /* smallest delay of the present window */
    int64_t window_end_ns; /* in time of arrival */
};

void stream_clock_reset(struct stream_clock *clock, double rate_hz);
/* Frames were dropped before the next block: their number shows in the time of its arrival. */
void stream_clock_break(struct stream_clock *clock);
/* So many frames were dropped before the next block. */
void stream_clock_skip(struct stream_clock *clock, uint64_t frames);
/* A block of `frames`, whose first would have been at the antenna at arrived_ns had nothing been late. Sets
 * *first_ns to the time of the first frame; returns the frames lost before it. */
uint64_t stream_clock_execute(struct stream_clock *clock, int64_t arrived_ns, size_t frames,
                              int64_t *first_ns);

#endif
