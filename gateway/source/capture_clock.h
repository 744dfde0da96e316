/* SPDX-License-Identifier: Apache-2.0 */
/* When the frames of a sound card were at its input, and how many were lost in a gap. Pure. */
#ifndef GATEWAY_SOURCE_CAPTURE_CLOCK_H
#define GATEWAY_SOURCE_CAPTURE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture_clock {
    double rate_hz;
    bool running; /* next_ns is known */
    bool gap;     /* the stream was broken since the last block */
    int64_t next_ns;
};

void capture_clock_reset(struct capture_clock *clock, double rate_hz);
/* The device stopped and was started again: what it missed shows in the time of the next block. */
void capture_clock_break(struct capture_clock *clock);
/* A block of `frames`, whose first was measured to be at the input at measured_ns. Sets *first_ns to the
 * steadied time; returns the frames lost before it. */
uint64_t capture_clock_execute(struct capture_clock *clock, int64_t measured_ns, size_t frames,
                               int64_t *first_ns);

#endif
