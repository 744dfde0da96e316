/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include <math.h>

enum { SECONDS_STEP = 4, SECONDS_BITS = 4, SECONDS_MAX = 14 };

static uint64_t ones(unsigned bits)
{
    return (UINT64_C(1) << bits) - 1;
}

int place_step_s(const struct place_axis *axis)
{
    return 60 * (axis->low_bits ? axis->low_step_min : axis->high_step_min);
}

enum place_result place_coarse(const struct bit_frame *frame, const struct place_axis *axis, int *seconds)
{
    uint64_t high = bit_frame_get(frame, axis->first + 1U, axis->high_bits);
    uint64_t low = bit_frame_get(frame, axis->first + 1U + axis->high_bits, axis->low_bits);
    int minutes = (int)(high * axis->high_step_min + low * axis->low_step_min);
    if (high == ones(axis->high_bits) && low == 0)
        return PLACE_NONE;
    if (low * axis->low_step_min >= 60 || minutes > axis->limit_deg * 60)
        return PLACE_FAULT;
    *seconds = minutes * 60;
    return PLACE_GOOD;
}

enum place_result place_offset(const struct bit_frame *frame, const struct place_axis *axis, int *seconds)
{
    if (axis->offset_bits == 0 || (axis->offset_if && !frame->bit[axis->offset_if]))
        return PLACE_NONE;
    int minutes = (int)bit_frame_get(frame, axis->offset_first + 1U, axis->offset_bits);
    int steps = (int)bit_frame_get(frame, axis->offset_first + 1U + axis->offset_bits, SECONDS_BITS);
    bool plus = frame->bit[axis->offset_first];
    if (plus && minutes == 0 && steps > SECONDS_MAX)
        return PLACE_NONE;
    if (steps > SECONDS_MAX || minutes * 60 > 2 * place_step_s(axis))
        return PLACE_FAULT;
    *seconds = (plus ? 1 : -1) * (minutes * 60 + steps * SECONDS_STEP);
    return PLACE_GOOD;
}

void place_write_default(struct bit_frame *frame, const struct place_axis *axis)
{
    bit_frame_put(frame, axis->first, 1, 0);
    bit_frame_put(frame, axis->first + 1U, axis->high_bits, ones(axis->high_bits));
    bit_frame_put(frame, axis->first + 1U + axis->high_bits, axis->low_bits, 0);
}

static void write_offset(struct bit_frame *frame, const struct place_axis *axis, int seconds)
{
    unsigned length = (unsigned)(seconds < 0 ? -seconds : seconds);
    bit_frame_put(frame, axis->offset_first, 1, seconds >= 0);
    bit_frame_put(frame, axis->offset_first + 1U, axis->offset_bits, length / 60);
    bit_frame_put(frame, axis->offset_first + 1U + axis->offset_bits, SECONDS_BITS,
                  length % 60 / SECONDS_STEP);
}

static void write_no_offset(struct bit_frame *frame, const struct place_axis *axis)
{
    bit_frame_put(frame, axis->offset_first, 1, 1);
    bit_frame_put(frame, axis->offset_first + 1U, axis->offset_bits, 0);
    bit_frame_put(frame, axis->offset_first + 1U + axis->offset_bits, SECONDS_BITS, ones(SECONDS_BITS));
}

void place_write(struct bit_frame *frame, const struct place_axis *axis, double deg, bool with_offset)
{
    if (axis->offset_bits)
        write_no_offset(frame, axis);
    if (!(fabs(deg) <= axis->limit_deg)) {
        place_write_default(frame, axis);
        return;
    }
    double length_s = fabs(deg) * 3600.0;
    int coarse_s = (int)floor(length_s / place_step_s(axis) + 0.5) * place_step_s(axis);
    int fine_s = (int)floor(length_s / SECONDS_STEP + 0.5) * SECONDS_STEP;
    int minutes = coarse_s / 60, high = minutes / axis->high_step_min;
    bit_frame_put(frame, axis->first, 1, deg < 0);
    bit_frame_put(frame, axis->first + 1U, axis->high_bits, (uint64_t)high);
    if (axis->low_bits)
        bit_frame_put(frame, axis->first + 1U + axis->high_bits, axis->low_bits,
                      (uint64_t)((minutes - high * axis->high_step_min) / axis->low_step_min));
    if (axis->offset_bits && (with_offset || fine_s != coarse_s))
        write_offset(frame, axis, fine_s - coarse_s);
}
