/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of every air interface: soft bits in, messages out, and the way back.
 *
 * A protocol is pure: no samples, no I/O, no clock, no malloc, no logging (tests/architecture holds it to a
 * list of symbols). All it remembers is one state of state_size bytes, aligned for any type, which its user
 * owns. One state serves one stream (one branch of one modem on one channel). Any thread, one at a time per
 * state. */
#ifndef ATALAYA_PROTOCOL_PROTOCOL_H
#define ATALAYA_PROTOCOL_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/protocol/message.h"
#include "atalaya/result.h"
#include "atalaya/softbits.h"

/* What became of the candidates in one stream: count-and-drop for what the air sends. */
struct protocol_counts {
    uint64_t messages; /* check passed, message handed on */
    uint64_t repaired; /* of these: with bits corrected */
    uint64_t length;   /* candidate frames dropped for their length */
    uint64_t check;    /* ... for their check */
    uint64_t format;   /* ... because the checked frame made no sense at all */
};

/* Where execute puts what it finds. message is called zero or more times inside execute; the message is the
 * protocol's and lasts until the call returns. */
struct protocol_output {
    void (*message)(void *context, const struct message *message);
    void *context;
    struct protocol_counts counts;
};

enum { PROTOCOL_LINE_BITS_MAX = 40000 }; /* longest transmission in line bits, preamble included */

/* How transmit surrounds the frame. Zero = the protocol's default. */
struct protocol_transmit {
    unsigned preamble_bits; /* TXDELAY, in line bits */
    unsigned tail_bits;
    enum line_scrambler scrambler; /* that of the modem that will send it */
};

struct protocol {
    const char *address_space; /* whose ids its messages carry; rows for the same radios share it */
    size_t state_size;
    void (*reset)(void *state); /* makes any memory of state_size bytes a fresh state */
    void (*execute)(void *state, const struct soft_run *run, struct protocol_output *output);
    /* What is heard depends on nothing heard more than 0.3 s before, and nothing is said because time passes:
     * after a pause on the channel bits need not go on, and the state may be fresh. */
    bool stands_alone;

    /* Frame bytes to meaning: message->raw and raw_length are set, the rest is fresh from message_reset.
     * ATALAYA_OK: a message (well_formed may still be false). Anything else: these bytes are no frame of this
     * protocol. */
    enum atalaya_result (*parse)(struct message *message);
    /* Meaning to frame bytes: fills raw from unit, to, kind, position, distress and fields, such that parse
     * gives the same meaning back. ATALAYA_E_UNSUPPORTED: the protocol cannot say this. NULL: receive only.
     */
    enum atalaya_result (*compose)(struct message *message);
    /* Frame bytes to line bits (0 or 1) [size: max], check and line code included. Returns the number of
     * bits, or 0 when max is too small or the frame cannot be sent. NULL: receive only. */
    size_t (*transmit)(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                       size_t max);

    /* One frame as a line of text in the form customary for the protocol (AX.25: TNC2), or NULL.
     * from_text gives the meaning as parse does, and raw where the frame format can carry the line (APRS-IS
     * names, for one, do not fit AX.25 addresses: raw stays empty). Same results as parse. to_text writes a
     * terminated string of at most `size` bytes and returns its length. */
    const char *text_form; /* name of that form, "tnc2" */
    enum atalaya_result (*from_text)(struct message *message, const char *line, size_t length);
    size_t (*to_text)(const struct message *message, char *text, size_t size);
};

struct protocol_row {
    const char *id, *title, *specification, *modems; /* modems: ids separated by spaces */
    bool transmits;
    const struct protocol *protocol;
};

extern const struct protocol_row protocol_table[];
extern const size_t protocol_table_size;

/* Does word name the row called id? People write '-' where ids have '_'. */
bool protocol_id_is(const char *id, const char *word);
/* The row named id, in either spelling, or NULL. Any thread. */
const struct protocol_row *protocol_find(const char *id);
/* Does the row listen to the modem named id? */
bool protocol_uses_modem(const struct protocol_row *row, const char *modem_id);

#endif
