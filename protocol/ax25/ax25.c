/* SPDX-License-Identifier: Apache-2.0 */
/* The row "ax25": soft bits -> descrambler where the modem wants one -> NRZI -> HDLC -> FCS -> frame, and the way back. NRZI (AX.25 is silent on it,
 * every packet modem does it): a 0 changes the line, a 1 leaves it, so that polarity does not matter. */
#include "atalaya/protocol/ax25.h"

#include <string.h>

#include "atalaya/protocol/crc.h"
#include "atalaya/protocol/hdlc.h"
#include "atalaya/protocol/protocol.h"
#include "atalaya/protocol/scrambler.h"
#include "tnc2.h"

enum {
    PREAMBLE_BITS = 360,   /* 300 ms at 1200 Bd: what handhelds need to key up */
    TAIL_BITS = 16,        /* lets the last octet leave the receiver's filters */
    COUNTED_LENGTH_MIN = 8 /* octets between flags from which on it was more than a limping flag */
};

struct ax25_state {
    struct scrambler descrambler;
    struct hdlc_deframer deframer;
    bool level; /* of the line, one bit ago */
    struct message message;
};

static void ax25_reset(void *state)
{
    struct ax25_state *ax25 = state;
    ax25->descrambler = (struct scrambler){0};
    hdlc_reset(&ax25->deframer);
    ax25->level = false;
}

static void candidate_judge(struct ax25_state *ax25, struct protocol_output *output)
{
    const struct hdlc_deframer *heard = &ax25->deframer;
    struct message *message = &ax25->message;
    if (heard->stray_bits || heard->length < COUNTED_LENGTH_MIN)
        return;
    if (heard->length < AX25_FRAME_MIN + HDLC_FCS_SIZE || heard->length > AX25_FRAME_MAX + HDLC_FCS_SIZE) {
        output->counts.length++;
        return;
    }
    if (crc16_x25(heard->frame, heard->length) != CRC16_X25_GOOD) {
        output->counts.check++;
        return;
    }
    message_reset(message, "ax25", "ax25");
    message->raw_length = (uint16_t)(heard->length - HDLC_FCS_SIZE);
    memcpy(message->raw, heard->frame, message->raw_length);
    message->first_bit = heard->first_bit;
    message->end_bit = heard->end_bit;
    if (ax25_parse(message) != ATALAYA_OK) {
        output->counts.format++;
        return;
    }
    output->counts.messages++;
    output->message(output->context, message);
}

static void ax25_execute(void *state, const struct soft_run *run, struct protocol_output *output)
{
    struct ax25_state *ax25 = state;
    for (size_t i = 0; i < run->count; i++) {
        bool level = run->soft[i] > 0;
        if (run->scrambler == SCRAMBLER_G3RUH)
            level = scrambler_undo(&ax25->descrambler, level);
        enum hdlc_event event = hdlc_execute(&ax25->deframer, level == ax25->level, run->first_bit + i);
        ax25->level = level;
        if (event == HDLC_CANDIDATE)
            candidate_judge(ax25, output);
        else if (event == HDLC_OVERLONG)
            output->counts.length++;
    }
}

static size_t ax25_transmit(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                            size_t max)
{
    if (message->raw_length < AX25_FRAME_MIN || message->raw_length > AX25_FRAME_MAX)
        return 0;
    unsigned before = how->preamble_bits ? how->preamble_bits : PREAMBLE_BITS;
    unsigned after = how->tail_bits ? how->tail_bits : TAIL_BITS;
    size_t count = hdlc_encode(message->raw, message->raw_length, before / HDLC_FLAG_BITS,
                               after / HDLC_FLAG_BITS, bits, max);
    struct scrambler scrambler = {0};
    uint8_t level = 0;
    for (size_t i = 0; i < count; i++) {
        level = bits[i] ? level : !level;
        bits[i] = how->scrambler == SCRAMBLER_G3RUH ? scrambler_execute(&scrambler, level) : level;
    }
    return count;
}

const struct protocol protocol_ax25 = {
    .address_space = "ax25",
    .state_size = sizeof(struct ax25_state),
    .reset = ax25_reset,
    .execute = ax25_execute,
    .parse = ax25_parse,
    .compose = ax25_compose,
    .transmit = ax25_transmit,
    .text_form = "tnc2",
    .from_text = tnc2_read,
    .to_text = tnc2_write,
};
