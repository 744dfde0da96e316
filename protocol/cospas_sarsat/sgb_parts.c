/* SPDX-License-Identifier: Apache-2.0 */
#include "sgb_parts.h"

#include <math.h>
#include <string.h>

#include "sgb_tables.h"

enum { FRACTION_BITS = 15, FRACTION = 1 << FRACTION_BITS };

/* T.018 Table 3.1 and C.3 */
const struct sgb_axis sgb_lat = {.first = 44, .degree_bits = 7, .limit_deg = 90, .fraction_default = 0x03e0};
const struct sgb_axis sgb_lon = {.first = 67, .degree_bits = 8, .limit_deg = 180, .fraction_default = 0x7c1f};

/* T.018 Table 3.11: bits of the message that the identity takes over, and where it puts them. */
static const struct {
    uint8_t id, message, count;
} parts[] = {{2, 31, 10}, {15, 1, 16}, {31, 17, 14}, {45, 43, 1}, {46, 91, 3}, {49, 94, 44}};

void sgb_identity_of(const struct bit_frame *frame, struct bit_frame *id)
{
    memset(id, 0, sizeof *id);
    id->count = 92;
    id->bit[1] = 1;
    bit_frame_put(id, 12, 3, 5);
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
        memcpy(id->bit + parts[i].id, frame->bit + parts[i].message, parts[i].count);
}

void sgb_identity_put(const struct bit_frame *id, struct bit_frame *frame)
{
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
        memcpy(frame->bit + parts[i].message, id->bit + parts[i].id, parts[i].count);
}

bool sgb_is_identity(const struct bit_frame *id)
{
    return id->bit[1] && bit_frame_get(id, 12, 3) == 5;
}

bool sgb_is_system(const struct bit_frame *frame)
{
    return bit_frame_get(frame, SGB_BEACON_TYPE, 3) == SGB_TYPE_SYSTEM ||
           bit_frame_get(frame, 1, 16) >= SGB_TAC_SYSTEM;
}

void sgb_hex_id(const struct bit_frame *frame, char text[static SGB_ID_DIGITS + 1])
{
    static const char digits[] = "0123456789ABCDEF";
    struct bit_frame id;
    sgb_identity_of(frame, &id);
    for (unsigned i = 0; i < SGB_ID_DIGITS; i++)
        text[i] = digits[bit_frame_get(&id, 1 + 4 * i, 4)];
    text[SGB_ID_DIGITS] = '\0';
}

bool sgb_axis_read(const struct bit_frame *frame, const struct sgb_axis *axis, double *deg, bool *faulty,
                   bool *incapable)
{
    bool negative = frame->bit[axis->first];
    uint64_t degrees = bit_frame_get(frame, axis->first + 1U, axis->degree_bits);
    uint64_t fraction = bit_frame_get(frame, axis->first + 1U + axis->degree_bits, FRACTION_BITS);
    bool is_default = degrees == (UINT64_C(1) << axis->degree_bits) - 1 && fraction == axis->fraction_default;
    double length_deg = (double)degrees + (double)fraction / FRACTION;
    *incapable = is_default && negative;
    *faulty = !is_default && length_deg > axis->limit_deg;
    if (is_default || *faulty)
        return false;
    *deg = negative ? -length_deg : length_deg;
    return true;
}

void sgb_axis_write(struct bit_frame *frame, const struct sgb_axis *axis, double deg, bool incapable)
{
    uint64_t figure = ((UINT64_C(1) << axis->degree_bits) - 1) << FRACTION_BITS | axis->fraction_default;
    bool negative = incapable;
    if (fabs(deg) <= axis->limit_deg) {
        figure = (uint64_t)floor(fabs(deg) * FRACTION + 0.5);
        negative = deg < 0;
    }
    bit_frame_put(frame, axis->first, 1, negative);
    bit_frame_put(frame, axis->first + 1U, axis->degree_bits + FRACTION_BITS, figure);
}
