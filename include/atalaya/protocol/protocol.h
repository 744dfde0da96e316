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

enum { PROTOCOL_LINE_BITS_MAX = 120000 }; /* longest transmission in line bits, preamble included */

/* How transmit surrounds the frame. Zero = the protocol's default. */
struct protocol_transmit {
    unsigned preamble_bits; /* TXDELAY, in line bits */
    unsigned tail_bits;
    enum line_scrambler scrambler; /* that of the modem that will send it */
};

/* What a tower says to a radio. The three answers to a distress are three different things to whoever waits
 * for help: a protocol that cannot tell them apart says one of them only. */
enum say_what {
    SAY_TEXT,                  /* to somebody, or to all */
    SAY_ACKNOWLEDGE,           /* the text with that number has come */
    SAY_REJECT,                /* it cannot be taken */
    SAY_DISTRESS_HEARD,        /* the tower heard the call */
    SAY_DISTRESS_RECEIVED,     /* a centre's system has it */
    SAY_DISTRESS_ACKNOWLEDGED, /* a person has it */
    SAY_CALL_ALERT,            /* call back */
    SAY_RADIO_CHECK            /* are you there? */
};
struct protocol_say {
    enum say_what what;
    const char *from, *to; /* ids in the protocol's address space; to "" = all */
    const char *text;      /* of a text; of a distress answer, where the protocol carries words; else "" */
    const char
        *number; /* of the text: where the protocol numbers them, it asks for an acknowledgement; "" = none */
};

/* What a protocol cannot know of a call for help. NULL, NaN and 0: unknown, left out. */
struct alert_facts {
    const char *station;      /* the tower */
    const char *heard_at;     /* the time of the last hearing, for people */
    double frequency_hz;      /* of the carrier as measured */
    unsigned heard;           /* receptions of this incident */
    const char *more_remarks; /* one line, or NULL */
};

enum { ALERT_TEXT_MAX = 2000 /* bytes, terminator included, that hold any alert_text */ };

struct protocol {
    const char *address_space; /* whose ids its messages carry; rows for the same radios share it */
    bool about_channel; /* tells of the channel, not what radios say: `atalaya decode` wants it named */
    size_t state_size;
    void (*reset)(void *state); /* makes any memory of state_size bytes a fresh state */
    void (*execute)(void *state, const struct soft_run *run, struct protocol_output *output);
    /* What is heard depends on nothing heard more than 0.3 s before, and nothing is said because time passes:
     * after a pause on the channel bits need not go on, and the state may be fresh. */
    bool stands_alone;
    /* Standards that differ in their tables only, names separated by spaces, of which a site may choose some;
     * NULL: none. choose, right after reset: only those of the set (bit n: the n-th name) are meant. */
    const char *variants;
    void (*choose)(void *state, uint32_t chosen);
    /* The stream has ended: hands on what would still have waited for silence. NULL: nothing ever waits. */
    void (*finish)(void *state, struct protocol_output *output);

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
    /* Id of the modem for these frame bytes, where that follows from them. NULL: any of the row's will do. */
    const char *(*modem_for)(const struct message *message);

    /* Fills a message, fresh from message_reset, that says it, for compose. *asks: the radio acknowledges it.
     * ATALAYA_E_UNSUPPORTED: this protocol has no way to say that. ATALAYA_E_ARGUMENT: no such id, no such
     * text. NULL: this protocol answers nobody. */
    enum atalaya_result (*say)(const struct protocol_say *say, struct message *message, bool *asks);

    /* One frame as a line of text in the form customary for the protocol (AX.25: TNC2), or NULL.
     * from_text gives the meaning as parse does, and raw where the frame format can carry the line (APRS-IS
     * names, for one, do not fit AX.25 addresses: raw stays empty). Same results as parse. to_text writes a
     * terminated string of at most `size` bytes and returns its length. */
    const char *text_form; /* name of that form, "tnc2" */
    enum atalaya_result (*from_text)(struct message *message, const char *line, size_t length);
    size_t (*to_text)(const struct message *message, char *text, size_t size);

    /* A message as `atalaya encode` takes it, in the text form or as JSON: in the name of nobody, saying that
     * it is a test where there are words, and nothing that anybody acts on. The site tests itself with it, on
     * no air. Where there are variants the first word is one of them, and any other may stand in its place.
     * NULL: there is no such thing. */
    const char *self_test;

    /* Of a call for help: names of the fields that stay with the incident (NULL behind the last), and what
     * was said in the form of text that coordination centres know; as to_text, 0: nothing to say. NULL: none.
     */
    const char *const *alert_fields;
    size_t (*alert_text)(const struct message *message, const struct alert_facts *facts, char *text,
                         size_t size);
};

struct protocol_row {
    const char *id, *title, *specification, *modems; /* modems: ids separated by spaces */
    bool transmits; /* files and loops; what may go on air the gateway's transmitter says, and beacons may not
                     */
    const struct protocol *protocol;
};

extern const struct protocol_row protocol_table[];
extern const size_t protocol_table_size;

/* Does word name the row called id? People write '-' where ids have '_'. */
bool protocol_id_is(const char *id, const char *word);
/* The row named id, in either spelling, or NULL. Any thread. */
const struct protocol_row *protocol_find(const char *id);
/* The bit of the variant called name in the set for `choose`; 0 = it has none of that name. */
uint32_t protocol_variant(const struct protocol *protocol, const char *name);
/* Does the row listen to the modem named id? */
bool protocol_uses_modem(const struct protocol_row *row, const char *modem_id);

#endif
