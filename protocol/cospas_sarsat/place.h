/* SPDX-License-Identifier: Apache-2.0 */
/* Positions of first generation messages: a coarse one, and for most protocols an offset from it in minutes
 * and steps of four seconds (T.001 A3.3). Pure. */
#ifndef ATALAYA_COSPAS_SARSAT_PLACE_H
#define ATALAYA_COSPAS_SARSAT_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "bit_frame.h"

/* Where one coordinate stands. Minutes of arc = high * high_step + low * low_step. */
struct place_axis {
    uint8_t first; /* the N/S or E/W flag; the figures follow it */
    uint8_t high_bits, high_step_min;
    uint8_t low_bits, low_step_min;    /* 0: there is no low part */
    uint8_t offset_first, offset_bits; /* sign, minutes in so many bits, seconds in four; 0: no offset */
    uint8_t offset_if;                 /* bit that must be set for the offset to be there; 0 = always */
    uint8_t limit_deg;
};

struct place_form {
    struct place_axis lat, lon;
};

enum place_result { PLACE_GOOD, PLACE_NONE /* the default value: not known */, PLACE_FAULT };

/* The coarse coordinate, positive, in seconds of arc. */
enum place_result place_coarse(const struct bit_frame *frame, const struct place_axis *axis, int *seconds);
/* The offset, with its sign. */
enum place_result place_offset(const struct bit_frame *frame, const struct place_axis *axis, int *seconds);
/* Step of the coarse figures in seconds of arc. */
int place_step_s(const struct place_axis *axis);

/* Writes the coordinate as near as the coding can (A3.3.1); NaN: the default values (A3.2). with_offset
 * false: the offset is left at its default. */
void place_write(struct bit_frame *frame, const struct place_axis *axis, double deg, bool with_offset);
/* The default values of the coarse part: the 15-hex ID has them there. */
void place_write_default(struct bit_frame *frame, const struct place_axis *axis);

#endif
