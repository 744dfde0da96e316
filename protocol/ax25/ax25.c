/* SPDX-License-Identifier: Apache-2.0 */
/* The row "ax25": soft bits -> descrambler where the modem wants one -> NRZI -> HDLC -> FCS -> frame, and the
 * way back. NRZI (AX.25 is silent on it, every packet modem does it): a 0 changes the line, a 1 leaves it, so
 * that polarity does not matter. */
#include "atalaya/protocol/ax25.h"

#include <string.h>

#include "atalaya/protocol/crc.h"
#include "atalaya/protocol/hdlc.h"
#include "atalaya/protocol/protocol.h"
#include "atalaya/protocol/scrambler.h"
#include "repair.h"
#include "tnc2.h"

enum {
    PREAMBLE_BITS = 360,   /* 300 ms at 1200 Bd: what handhelds need to key up */
    TAIL_BITS = 16,        /* lets the last octet leave the receiver's filters */
    SOFT_COST = 32,        /* reliability a unit of a soft value */
    COUNTED_LENGTH_MIN = 8 /* octets between flags from which on it was more than a limping flag */
};

struct ax25_state {
    struct scrambler descrambler;
    struct hdlc_deframer deframer;
    struct repair repair;
    uint64_t base_bit; /* the stream's number of the repair's bit 0 */
    bool level;        /* of the line, one bit ago */
};

static void ax25_reset(void *state)
{
    struct ax25_state *ax25 = state;
    ax25->descrambler = (struct scrambler){0};
    hdlc_reset(&ax25->deframer);
    repair_reset(&ax25->repair);
    ax25->base_bit = 0;
    ax25->level = false;
}

/* A frame whose FCS holds, FCS included; `repair`: what made it hold, or NULL. */
static void frame_found(const uint8_t *frame, size_t length, uint64_t first_bit, uint64_t end_bit,
                        const struct repair *repair, struct protocol_output *output)
{
    struct message found, *message = &found; /* not in the state: a hundred channels have thousands of them */
    message_reset(message, "ax25", "ax25");
    message->raw_length = (uint16_t)(length - HDLC_FCS_SIZE);
    memcpy(message->raw, frame, message->raw_length);
    message->first_bit = first_bit;
    message->end_bit = end_bit;
    message->bits_corrected = repair ? repair->flipped : 0;
    message->guessed = repair != NULL;
    message->doubt = repair ? repair->cost + 1 : 0;
    if (ax25_parse(message) != ATALAYA_OK) {
        output->counts.format++;
        return;
    }
    output->counts.messages++;
    output->counts.repaired += repair != NULL;
    output->message(output->context, message);
}

/* True: the FCS holds, and there is nothing to repair. */
static bool candidate_judge(struct ax25_state *ax25, struct protocol_output *output)
{
    const struct hdlc_deframer *heard = &ax25->deframer;
    if (heard->stray_bits || heard->length < COUNTED_LENGTH_MIN)
        return false;
    if (heard->length < AX25_FRAME_MIN + HDLC_FCS_SIZE || heard->length > AX25_FRAME_MAX + HDLC_FCS_SIZE) {
        output->counts.length++;
        return false;
    }
    if (crc16_x25(heard->frame, heard->length) != CRC16_X25_GOOD) {
        output->counts.check++;
        return false;
    }
    frame_found(heard->frame, heard->length, heard->first_bit, heard->end_bit, NULL, output);
    return true;
}

static void flag_judge(struct ax25_state *ax25, bool found, struct protocol_output *output)
{
    struct repair *repair = &ax25->repair;
    size_t length = found ? 0 : repair_try(repair);
    if (length > 0)
        frame_found(repair->frame, length, ax25->base_bit + repair->first_bit, ax25->base_bit + repair->next,
                    repair, output);
    repair_flag(repair, found || length > 0);
}

/* Slicers tell no events: a bit errs by itself, as easily as it is soft. */
static struct error_event event_of(const struct soft_run *run, size_t i)
{
    if (run->event)
        return run->event[i];
    int doubt = run->soft[i] < 0 ? -run->soft[i] : run->soft[i];
    return (struct error_event){.mask = 1, .reliability = (uint16_t)(doubt * SOFT_COST)};
}

static void ax25_execute(void *state, const struct soft_run *run, struct protocol_output *output)
{
    struct ax25_state *ax25 = state;
    ax25->base_bit = run->first_bit - ax25->repair.next;
    ax25->repair.scrambled = run->scrambler == SCRAMBLER_G3RUH;
    for (size_t i = 0; i < run->count; i++) {
        bool level = run->soft[i] > 0;
        if (run->scrambler == SCRAMBLER_G3RUH)
            level = scrambler_undo(&ax25->descrambler, level);
        enum hdlc_event event = hdlc_execute(&ax25->deframer, level == ax25->level, run->first_bit + i);
        bool flag = repair_push(&ax25->repair, level, event_of(run, i));
        ax25->level = level;
        bool found = event == HDLC_CANDIDATE && candidate_judge(ax25, output);
        if (event == HDLC_OVERLONG)
            output->counts.length++;
        if (flag)
            flag_judge(ax25, found, output);
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
    .stands_alone = true,
    .parse = ax25_parse,
    .compose = ax25_compose,
    .say = ax25_say,
    .transmit = ax25_transmit,
    .text_form = "tnc2",
    .from_text = tnc2_read,
    .self_test = "SELFT>APZATL:>TEST of the tower itself, not on air",
    .to_text = tnc2_write,
};
