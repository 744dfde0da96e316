/* SPDX-License-Identifier: Apache-2.0 */
/* Commands from a broker, as far as they can be judged by themselves: form, size, time. Everything here is
 * hostile until proven otherwise. Who signed it, whether that key may, and whether it came before is the work
 * of lifecycle/orders.h. Pure apart from jansson's allocations; any thread.
 *
 * What a centre signs: the bytes
 *
 *     atalaya-command-1 LF site LF command LF object
 *
 * where site and command are the levels of the topic site/<site>/command/<command>, LF is the one byte 0x0A,
 * and object is the command's JSON object without its member "signature", written in UTF-8 with the members
 * of every object sorted by the bytes of their names, no white space outside strings, and only " and
 * \ escaped (\" and \\). So that there is one such writing, numbers must be whole (64 bits, signed) and
 * strings free of control characters (below 0x20). In Python: json.dumps(object, sort_keys=True,
 * separators=(",", ":"), ensure_ascii=False). The signature is Ed25519 (RFC 8032), 64 bytes in Base64 with
 * padding (RFC 4648 clause 4). */
#ifndef ATALAYA_GATEWAY_INBOUND_H
#define ATALAYA_GATEWAY_INBOUND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    INBOUND_PAYLOAD_MAX = 8192,
    INBOUND_DEPTH_MAX = 6, /* of arrays and objects */
    INBOUND_NAME_MAX = 33,
    INBOUND_ID_MAX = 65,
    INBOUND_TOPIC_MAX = 128,
    INBOUND_SIGNED_MAX = INBOUND_PAYLOAD_MAX + 128,
    INBOUND_SIGNATURE_BYTES = 64,
    INBOUND_LIFE_MAX_S = 86400, /* from time to expires: bounds what must be remembered against replay */
    INBOUND_DISTRESS_MAX = 80,
    INBOUND_PERSON_MAX = 65,
    INBOUND_UNIT_MAX = 129,
    INBOUND_TEXT_MAX = 201
};

/* Why a command is refused; the first that holds, in the order in which they are judged. */
enum inbound_refusal {
    INBOUND_ACCEPTED,
    INBOUND_RETAINED,        /* a broker kept it: nobody says it now */
    INBOUND_OVERSIZED,       /* more than INBOUND_PAYLOAD_MAX bytes */
    INBOUND_MALFORMED,       /* not the envelope of schema/command.json, or not to this site */
    INBOUND_UNKNOWN_COMMAND, /* well-formed, but there is no such command */
    INBOUND_EXPIRED,
    INBOUND_CLOCK_SKEW, /* it comes from the future */
    INBOUND_UNSIGNED,
    INBOUND_UNKNOWN_KEY,
    INBOUND_BAD_SIGNATURE,
    INBOUND_OUT_OF_SCOPE, /* this key may not do that */
    INBOUND_NO_CLOCK,     /* the site does not know the time, so it cannot know whether this is over */
    INBOUND_RATE_LIMITED, /* its centre sends too many */
    INBOUND_REPLAYED,
    INBOUND_BUSY, /* too many commands are remembered */
    INBOUND_UNKNOWN_DISTRESS,
    INBOUND_NOT_POSSIBLE, /* the incident is in no state for it */
    INBOUND_UNAVAILABLE,  /* this site has nothing that could do it */
    INBOUND_REFUSAL_COUNT
};
/* "retained", "oversized", ... */
const char *inbound_refusal_text(enum inbound_refusal refusal);

enum inbound_what {
    INBOUND_RECEIVED,    /* distress */
    INBOUND_ACKNOWLEDGE, /* distress, person */
    INBOUND_CLEAR,       /* distress, person, outcome: cleared, false_alarm or exercise */
    INBOUND_MESSAGE,     /* unit; text, or kind call_alert or radio_check; radio */
    INBOUND_PING,
    INBOUND_TRANSMIT, /* channel, text */
    INBOUND_RELOAD,
    INBOUND_WHAT_COUNT
};
const char *inbound_what_text(enum inbound_what what); /* "received", ... */
enum inbound_what inbound_what_find(const char *name); /* INBOUND_WHAT_COUNT: no such command */

struct inbound_command {
    enum inbound_refusal refusal;
    enum inbound_what what;      /* when accepted so far */
    char name[INBOUND_NAME_MAX]; /* from the topic; "" = none */
    char id[INBOUND_ID_MAX];     /* [A-Za-z0-9._-]; other characters replaced by '-'; "unknown" = none */
    char detail[96];             /* for a person */
    int64_t time_utc_ns, expires_utc_ns; /* INT64_MIN = not read */
    bool test;
    char centre[INBOUND_NAME_MAX]; /* who it says it is; "" = does not say */
    /* arguments; "" = not given */
    char distress[INBOUND_DISTRESS_MAX], person[INBOUND_PERSON_MAX], outcome[INBOUND_NAME_MAX],
        channel[INBOUND_NAME_MAX];
    char unit[INBOUND_UNIT_MAX], text[INBOUND_TEXT_MAX], radio[INBOUND_UNIT_MAX], kind[INBOUND_NAME_MAX];
    /* of what is to be sent by radio */
    bool queued;
    const char *result;         /* static; NULL = not yet */
    char key[INBOUND_NAME_MAX]; /* name of the key that signed it; "" = unsigned */
    unsigned char signature[INBOUND_SIGNATURE_BYTES];
    size_t signed_length;
    char signed_bytes[INBOUND_SIGNED_MAX];
};

/* topic: below the prefix, as link_hooks.command has it. Always fills *command; refusal is INBOUND_ACCEPTED
 * when form and size are right. */
void inbound_judge(const char *site, const char *topic, const void *payload, size_t length, bool retained,
                   struct inbound_command *command);
/* Has it expired, or does it come from more than skew_s ahead? Changes command->refusal when so. */
void inbound_judge_time(struct inbound_command *command, int64_t now_utc_ns, double skew_s);
void inbound_refuse(struct inbound_command *command, enum inbound_refusal refusal, const char *detail);

/* The bytes to sign for a command object, which may have a signature already. Returns their number, 0 when it
 * has no such form. */
size_t inbound_signed_bytes(const char *site, const char *name, json_t *object,
                            char bytes[INBOUND_SIGNED_MAX]);

/* Where the answer goes, below the prefix: site/S/response/ID. Returns topic [size: INBOUND_TOPIC_MAX]. */
char *inbound_response_topic(const char *site, const struct inbound_command *command,
                             char topic[INBOUND_TOPIC_MAX]);
/* The members of schema/response.json that are not the common envelope; NULL = out of memory. */
json_t *inbound_answer(const struct inbound_command *command);

#endif
