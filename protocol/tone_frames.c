/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/tone_frames.h"

#include <string.h>

_Static_assert(TONES_FRAME <= UINT8_MAX, "filled counts up to a whole frame");

static void read_frame(const int8_t *value, struct tone_frame *frame)
{
    for (unsigned t = 0; t < TONE_COUNT; t++) {
        frame->below[t] = (uint8_t)(value[2 * t] > 0 ? value[2 * t] : 0);
        frame->above[t] = (uint8_t)(value[2 * t + 1] > 0 ? value[2 * t + 1] : 0);
        int sum = frame->below[t] + frame->above[t];
        float share = (float)(sum < INT8_MAX ? sum : INT8_MAX) * (1.0F / INT8_MAX);
        frame->power[t] = share * share;
    }
}

bool tone_frames_take(struct tone_frames *frames, int8_t soft, uint64_t bit, struct tone_frame *frame)
{
    unsigned at = (unsigned)(bit % TONES_FRAME);
    frames->filled = at == frames->filled || at == 0 ? (uint8_t)(at + 1) : 0;
    frames->value[at] = soft;
    if (frames->filled < TONES_FRAME || at + 1 < TONES_FRAME)
        return false;
    frames->filled = 0;
    read_frame(frames->value, frame);
    return true;
}

size_t tone_frames_next(struct tone_frames *frames, const struct soft_run *run, size_t from,
                        struct tone_frame *frame, bool *whole)
{
    const uint64_t bit = run->first_bit + from;
    *whole = bit % TONES_FRAME == 0 && run->count - from >= TONES_FRAME;
    if (*whole) { /* as the modem gives it */
        frames->filled = 0;
        read_frame(run->soft + from, frame);
        return TONES_FRAME;
    }
    *whole = tone_frames_take(frames, run->soft[from], bit, frame);
    return 1;
}

void tone_frames_put(uint8_t *bits, size_t first, size_t end, unsigned tone)
{
    for (size_t frame = first; tone < TONE_COUNT && frame < end; frame++)
        memset(bits + frame * TONES_FRAME + (size_t)2 * tone, 1, 2);
}
