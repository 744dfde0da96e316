/* SPDX-License-Identifier: Apache-2.0 */
#include "source_private.h"

#include <math.h>
#include <time.h>

#include "atalaya/gateway/clock.h"

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

int64_t source_frames_ns(double frames, double rate_hz)
{
    return llround(frames * NS_PER_S / rate_hz);
}

int64_t source_pace_mono_ns(const struct source_pace *pace, uint64_t frame)
{
    return pace->origin_ns + source_frames_ns((double)frame, pace->rate_hz);
}

bool source_pace_wait(const struct source_pace *pace, uint64_t end)
{
    if (!pace->on)
        return true;
    int64_t due_ns = source_pace_mono_ns(pace, end);
    int64_t wait_ns = due_ns - clock_mono_ns();
    if (wait_ns <= 0)
        return true;
    if (wait_ns > (int64_t)SOURCE_WAIT_MS * NS_PER_MS)
        wait_ns = (int64_t)SOURCE_WAIT_MS * NS_PER_MS;
    struct timespec wait = {.tv_sec = wait_ns / NS_PER_S, .tv_nsec = wait_ns % NS_PER_S};
    /* A signal ends the wait early on purpose: the thread may be asked to stop. */
    if (nanosleep(&wait, NULL) != 0)
        return false;
    return clock_mono_ns() >= due_ns;
}
