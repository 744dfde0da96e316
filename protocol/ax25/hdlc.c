/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/hdlc.h"

#include <string.h>

#include "atalaya/protocol/crc.h"

enum {
    STUFF_AFTER = 5, /* ones in a row inside a frame */
    FLAG_ONES = 6,
    ABORT_ONES = 7,
    FLAG_LEAD_BITS = 6 /* the flag's 0 and five of its ones look like content until the sixth one comes */
};

void hdlc_reset(struct hdlc_deframer *deframer)
{
    memset(deframer, 0, sizeof *deframer);
}

static void bit_append(struct hdlc_deframer *deframer, bool bit)
{
    uint8_t *octet = &deframer->frame[deframer->bits / 8];
    *octet = (uint8_t)(*octet >> 1 | (bit ? 0x80 : 0)); /* least significant bit first */
    deframer->bits++;
}

/* The last bit of a flag: closes what stood before it and opens what follows. */
static enum hdlc_event flag_end(struct hdlc_deframer *deframer, uint64_t index)
{
    bool was_open = deframer->in_frame && deframer->bits >= FLAG_LEAD_BITS;
    if (was_open) {
        size_t bits = deframer->bits - FLAG_LEAD_BITS;
        deframer->length = bits / 8;
        deframer->stray_bits = bits % 8;
        deframer->first_bit = deframer->open_index;
        deframer->end_bit = index + 1;
    }
    deframer->in_frame = true;
    deframer->bits = 0;
    deframer->open_index = index >= HDLC_FLAG_BITS - 1 ? index - (HDLC_FLAG_BITS - 1) : 0;
    return was_open ? HDLC_CANDIDATE : HDLC_NONE;
}

enum hdlc_event hdlc_execute(struct hdlc_deframer *deframer, bool bit, uint64_t index)
{
    unsigned ones = deframer->ones;
    if (bit) {
        if (ones < ABORT_ONES)
            deframer->ones = ++ones;
        if (ones >= ABORT_ONES)
            deframer->in_frame = false;
        if (ones > STUFF_AFTER)
            return HDLC_NONE;
    } else {
        deframer->ones = 0;
        if (ones == FLAG_ONES)
            return flag_end(deframer, index);
        if (ones >= STUFF_AFTER)
            return HDLC_NONE;
    }
    if (!deframer->in_frame)
        return HDLC_NONE;
    bit_append(deframer, bit);
    if (deframer->bits < sizeof deframer->frame * 8)
        return HDLC_NONE;
    deframer->in_frame = false;
    return HDLC_OVERLONG;
}

/* Where bits go while a frame is encoded; full once, full for good. */
struct bit_sink {
    uint8_t *bits;
    size_t count, max;
    unsigned ones;
    bool full;
};

static void sink_put(struct bit_sink *sink, uint8_t bit)
{
    if (sink->count >= sink->max) {
        sink->full = true;
        return;
    }
    sink->bits[sink->count++] = bit;
}

static void sink_flags(struct bit_sink *sink, unsigned flags)
{
    for (unsigned flag = 0; flag < (flags ? flags : 1) && !sink->full; flag++)
        for (unsigned bit = 0; bit < HDLC_FLAG_BITS; bit++)
            sink_put(sink, bit != 0 && bit != HDLC_FLAG_BITS - 1);
}

static void sink_octet(struct bit_sink *sink, uint8_t octet)
{
    for (unsigned i = 0; i < 8; i++) {
        uint8_t bit = octet >> i & 1;
        sink_put(sink, bit);
        sink->ones = bit ? sink->ones + 1 : 0;
        if (sink->ones == STUFF_AFTER) {
            sink_put(sink, 0);
            sink->ones = 0;
        }
    }
}

size_t hdlc_encode(const uint8_t *frame, size_t length, unsigned flags_before, unsigned flags_after,
                   uint8_t *bits, size_t max)
{
    struct bit_sink sink = {.bits = bits, .max = max};
    sink_flags(&sink, flags_before);
    for (size_t i = 0; i < length; i++)
        sink_octet(&sink, frame[i]);
    uint16_t fcs = crc16_x25(frame, length);
    sink_octet(&sink, (uint8_t)(fcs & 0xff));
    sink_octet(&sink, (uint8_t)(fcs >> 8));
    sink_flags(&sink, flags_after);
    return sink.full ? 0 : sink.count;
}
