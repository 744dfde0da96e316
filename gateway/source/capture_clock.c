/* SPDX-License-Identifier: Apache-2.0 */
#include "capture_clock.h"

#include "source_private.h"

enum {
    /* A measurement wobbles with the device's pointer (a millisecond on USB); the crystals drift by far less
     * than 1 ms/s. One sixteenth of the difference per block takes out the first and follows the second. */
    STEADINESS = 16,
    STEP_NS = 50000000 /* farther off than this is no wobble: believe the measurement */
};

void capture_clock_reset(struct capture_clock *clock, double rate_hz)
{
    *clock = (struct capture_clock){.rate_hz = rate_hz};
}

void capture_clock_break(struct capture_clock *clock)
{
    clock->gap = clock->running;
}

uint64_t capture_clock_execute(struct capture_clock *clock, int64_t measured_ns, size_t frames,
                               int64_t *first_ns)
{
    uint64_t lost = 0;
    int64_t off_ns = measured_ns - clock->next_ns;
    if (clock->gap && off_ns > 0)
        lost = (uint64_t)((double)off_ns * 1e-9 * clock->rate_hz + 0.5);
    if (!clock->running || clock->gap || off_ns > STEP_NS || off_ns < -STEP_NS)
        *first_ns = measured_ns;
    else
        *first_ns = clock->next_ns + off_ns / STEADINESS;
    clock->running = true;
    clock->gap = false;
    clock->next_ns = *first_ns + source_frames_ns((double)frames, clock->rate_hz);
    return lost;
}
