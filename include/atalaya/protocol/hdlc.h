/* SPDX-License-Identifier: Apache-2.0 */
/* HDLC framing (ISO/IEC 3309; AX.25 v2.2 clauses 3.1, 3.6, 3.8 and 3.9): flags, bit stuffing, abort. Data
 * bits, that is after the line code. Pure; one thread at a time per deframer.
 *
 * The deframer reports candidates, it does not judge them: the FCS is the caller's. first_bit and end_bit
 * tell the caller where in its own history of line bits a candidate stood, so that a caller that keeps one
 * can try other decisions there. */
#ifndef ATALAYA_PROTOCOL_HDLC_H
#define ATALAYA_PROTOCOL_HDLC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HDLC_FRAME_MAX = 1100, /* octets between flags, FCS included */
    HDLC_FLAG_BITS = 8,
    HDLC_FCS_SIZE = 2
};

enum hdlc_event {
    HDLC_NONE,
    HDLC_CANDIDATE, /* a flag closed what another flag opened: frame, length, stray_bits, first_bit, end_bit
                     */
    HDLC_OVERLONG   /* HDLC_FRAME_MAX octets and still no flag: given up until the next flag */
};

struct hdlc_deframer {
    unsigned ones;       /* in a row, just heard; stops counting at 7 */
    bool in_frame;       /* a flag was heard and no abort since */
    size_t bits;         /* of frame content since that flag, stuffing removed */
    uint64_t open_index; /* of the first bit of that flag */

    /* Valid from HDLC_CANDIDATE until the next bit. */
    size_t length;                     /* whole octets, FCS included */
    unsigned stray_bits;               /* bits beyond them; a real frame has none */
    uint64_t first_bit;                /* first bit of the opening flag */
    uint64_t end_bit;                  /* one past the last bit of the closing flag */
    uint8_t frame[HDLC_FRAME_MAX + 1]; /* the last octet gathers the closing flag's first bits */
};

void hdlc_reset(struct hdlc_deframer *deframer);

/* One data bit, number `index` of the stream (consecutive). */
enum hdlc_event hdlc_execute(struct hdlc_deframer *deframer, bool bit, uint64_t index);

/* Flags before, frame with FCS and stuffing, flags after, as data bits (0 or 1) [size: max]. Fewer than one
 * flag on either side counts as one. Returns the number of bits, or 0 when max is too small. */
size_t hdlc_encode(const uint8_t *frame, size_t length, unsigned flags_before, unsigned flags_after,
                   uint8_t *bits, size_t max);

#endif
