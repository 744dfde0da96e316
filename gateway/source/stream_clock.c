/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_clock.h"

#include "source_private.h"

static const int64_t window_ns = 2000000000; /* a stall of the machine or the network is over by then */
static const int64_t loss_ns = 50000000;     /* a steady delay beyond this is frames dropped, not a network */

void stream_clock_reset(struct stream_clock *clock, double rate_hz)
{
    *clock = (struct stream_clock){.rate_hz = rate_hz};
}

void stream_clock_break(struct stream_clock *clock)
{
    clock->gap = clock->running;
}

void stream_clock_skip(struct stream_clock *clock, uint64_t frames)
{
    clock->next_ns += source_frames_ns((double)frames, clock->rate_hz);
}

static uint64_t frames_in(const struct stream_clock *clock, int64_t length_ns)
{
    return length_ns > 0 ? (uint64_t)((double)length_ns * 1e-9 * clock->rate_hz + 0.5) : 0;
}

static void begin(struct stream_clock *clock, int64_t arrived_ns)
{
    clock->running = true;
    clock->gap = false;
    clock->next_ns = arrived_ns;
    clock->least_ns = INT64_MAX;
    clock->window_end_ns = arrived_ns + window_ns;
}

uint64_t stream_clock_execute(struct stream_clock *clock, int64_t arrived_ns, size_t frames,
                              int64_t *first_ns)
{
    uint64_t lost = 0;
    int64_t late_ns = arrived_ns - clock->next_ns;
    if (clock->gap)
        lost = frames_in(clock, late_ns);
    if (!clock->running || clock->gap || late_ns < 0) {
        begin(clock, arrived_ns); /* earlier than ever: what went before was late */
    } else if (late_ns < clock->least_ns) {
        clock->least_ns = late_ns;
    }
    if (arrived_ns >= clock->window_end_ns) {
        if (clock->least_ns > loss_ns) {
            lost = frames_in(clock, clock->least_ns);
            clock->next_ns += clock->least_ns;
        } else {
            clock->next_ns += clock->least_ns / 2; /* crystals drift */
        }
        clock->least_ns = INT64_MAX;
        clock->window_end_ns = arrived_ns + window_ns;
    }
    *first_ns = clock->next_ns;
    clock->next_ns += source_frames_ns((double)frames, clock->rate_hz);
    return lost;
}
