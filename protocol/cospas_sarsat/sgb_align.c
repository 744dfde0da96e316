/* SPDX-License-Identifier: Apache-2.0 */
#include "bch.h"
#include "sgb.h"
#include "sgb_tables.h"

enum { LEAD_BITS = 2 };

/* Bits 141-154 that are not as Table 3.1 has them. */
static int spare_faults(const struct bit_frame *frame)
{
    int zeros = 0;
    for (unsigned i = SGB_SPARE; i < SGB_ROTATING; i++)
        zeros += !frame->bit[i];
    bool cancels = bit_frame_get(frame, SGB_ROTATING, 4) == SGB_ROTATING_CANCEL;
    return cancels ? SGB_ROTATING - SGB_SPARE - zeros : zeros;
}

/* How far the frame is from what it would be. A word of the code that begins with zeros, shifted, is one too,
 * so that the check alone does not tell the two apart. */
static int badness(const struct bit_frame *frame, bool is_checked)
{
    struct bit_frame tried = *frame;
    int errors = is_checked ? bch_correct(&bch_sgb, tried.bit + 1) : 0;
    return errors < 0 ? SGB_BITS : spare_faults(&tried) + errors;
}

void sgb_align(struct message *message)
{
    struct bit_frame behind = {.count = 0}, before = behind, digits = behind;
    bool is_checked = message->raw_length == SGB_OCTETS;
    unsigned count = is_checked ? SGB_BITS : SGB_DATA_BITS;
    bit_frame_load(&digits, 1, count + LEAD_BITS, message->raw);
    for (unsigned i = 1; i <= count; i++) {
        behind.bit[i] = digits.bit[i];
        before.bit[i] = digits.bit[i + LEAD_BITS];
    }
    bool leads = bit_frame_get(&digits, 1, LEAD_BITS) == 0;
    int ground = leads ? badness(&before, is_checked) : SGB_BITS + 1;
    const struct bit_frame *best = ground <= badness(&behind, is_checked) ? &before : &behind;
    bit_frame_store(best, 1, is_checked ? BIT_FRAME_MAX : count, message->raw);
}
