/* SPDX-License-Identifier: Apache-2.0 */
#include "fgb_parts.h"

#include <inttypes.h>
#include <stdio.h>

#include "bch.h"

/* T.001 A3.3.8.5 */
enum { CANCEL_LAT = 0x1fa, CANCEL_LON = 0x3fa, CANCEL_REST = 0x3c };
#define CANCEL_OFFSET UINT64_C(0x1e0f0)

uint64_t fgb_id(const struct bit_frame *frame, const struct layout *layout)
{
    struct bit_frame bare = *frame;
    if (layout && !layout->user) {
        place_write_default(&bare, &layout->place->lat);
        place_write_default(&bare, &layout->place->lon);
    }
    return bit_frame_get(&bare, 26, 60);
}

void fgb_hex_id(const struct bit_frame *frame, const struct layout *layout, char id[static HEX_ID_DIGITS + 1])
{
    (void)snprintf(id, HEX_ID_DIGITS + 1, "%015" PRIX64, fgb_id(frame, layout));
}

bool fgb_is_cancellation(const struct bit_frame *frame, bool whole)
{
    return bit_frame_get(frame, 67, 9) == CANCEL_LAT && bit_frame_get(frame, 76, 10) == CANCEL_LON &&
           (!whole ||
            (bit_frame_get(frame, 107, 8) == CANCEL_REST && bit_frame_get(frame, 115, 18) == CANCEL_OFFSET));
}

void fgb_write_cancellation(struct bit_frame *frame)
{
    bit_frame_put(frame, 67, 9, CANCEL_LAT);
    bit_frame_put(frame, 76, 10, CANCEL_LON);
    bit_frame_put(frame, 107, 8, CANCEL_REST);
    bit_frame_put(frame, 115, 18, CANCEL_OFFSET);
}

void fgb_encode(struct bit_frame *frame)
{
    bch_encode(&bch_fgb_1, frame->bit + 25);
    if (frame->count == FGB_LONG_BITS)
        bch_encode(&bch_fgb_2, frame->bit + 107);
}
