/* SPDX-License-Identifier: Apache-2.0 */
/* Commands from a broker: parsed strictly, judged, answered. Everything here is hostile until proven
 * otherwise, and until signatures are known every well-formed command is refused as unsigned. Pure apart from
 * jansson's allocations; any thread. */
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
    INBOUND_TOPIC_MAX = 128
};

/* Why a command is refused; the first that holds. */
enum inbound_refusal {
    INBOUND_RETAINED,  /* a broker kept it: nobody says it now */
    INBOUND_OVERSIZED, /* more than INBOUND_PAYLOAD_MAX bytes */
    INBOUND_MALFORMED, /* not the envelope of schema/command.json, or not to this site */
    INBOUND_EXPIRED,
    INBOUND_UNSIGNED,
    INBOUND_REFUSAL_COUNT
};
/* "retained", "oversized", ... */
const char *inbound_refusal_text(enum inbound_refusal refusal);

struct inbound_command {
    enum inbound_refusal refusal;
    char name[INBOUND_NAME_MAX]; /* from the topic; "" = none */
    char id[INBOUND_ID_MAX];     /* [A-Za-z0-9._-]; other characters replaced by '-'; "unknown" = none */
    char detail[96];             /* for a person */
    int64_t time_utc_ns, expires_utc_ns; /* INT64_MIN = not read */
};

/* topic: below the prefix, as link_hooks.command has it. now_utc_ns: INT64_MIN = no clock, then expiry cannot
 * be judged. Always fills *command. */
void inbound_judge(const char *site, const char *topic, const void *payload, size_t length, bool retained,
                   int64_t now_utc_ns, struct inbound_command *command);

/* Where the answer goes, below the prefix: site/S/response/ID. Returns topic [size: INBOUND_TOPIC_MAX]. */
char *inbound_response_topic(const char *site, const struct inbound_command *command,
                             char topic[INBOUND_TOPIC_MAX]);
/* The members of schema/response.json that are not the common envelope; NULL = out of memory. */
json_t *inbound_answer(const struct inbound_command *command);

#endif
