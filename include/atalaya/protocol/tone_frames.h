/* SPDX-License-Identifier: Apache-2.0 */
/* The soft stream of the modem `tones` (atalaya/tones.h) as frames, for protocols that speak in tones. */
#ifndef ATALAYA_PROTOCOL_TONE_FRAMES_H
#define ATALAYA_PROTOCOL_TONE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/softbits.h"
#include "atalaya/tones.h"

/* One hop. */
struct tone_frame {
    float power[TONE_COUNT]; /* part of the tone in the power of the audio band, 0 .. 1 */
    uint8_t below[TONE_COUNT], above[TONE_COUNT]; /* as in tones.h, at least 0 */
};

/* From its nominal frequency in per cent; 0 where the power is 0. */
static inline float tone_frame_deviation(const struct tone_frame *frame, unsigned tone)
{
    const int below = frame->below[tone], above = frame->above[tone], sum = below + above;
    return (float)TONES_REACH_PERCENT * (float)(above - below) / (float)(sum > 0 ? sum : 1);
}

/* Values that wait for the rest of their frame. All zero = fresh. */
struct tone_frames {
    uint8_t filled;
    int8_t value[TONES_FRAME];
};

/* Takes the value with index `bit` in the stream. True: it was the last one of a frame, and *frame is that
 * frame, number bit / TONES_FRAME. A frame whose beginning was missed is left out. */
bool tone_frames_take(struct tone_frames *frames, int8_t soft, uint64_t bit, struct tone_frame *frame);

/* The same for a run, from its value `from` on, and faster where whole frames come in one piece: returns how
 * many values it took. *whole: *frame is the frame that ended with the last of them. */
size_t tone_frames_next(struct tone_frames *frames, const struct soft_run *run, size_t from,
                        struct tone_frame *frame, bool *whole);

/* To send: one tone (TONE_COUNT: none) from frame `first` up to `end`, in bits that are all 0 before. */
void tone_frames_put(uint8_t *bits, size_t first, size_t end, unsigned tone);

#endif
