/* SPDX-License-Identifier: Apache-2.0 */
/* What a number means in this fleet: sections `code` of the configuration against the fields of a message. A
 * gateway knows no five-tone call and no status list; it compares names and texts. Pure; any thread. */
#ifndef ATALAYA_CODES_H
#define ATALAYA_CODES_H

#include <stdbool.h>

#include "atalaya/gateway/config.h"
#include "atalaya/protocol/message.h"

/* What the codes say of a message; empty texts: nothing. */
struct code_hit {
    const struct config_code *code;                /* the one that is meant, NULL = none */
    char unit[MESSAGE_ID_MAX], to[MESSAGE_ID_MAX]; /* who the pattern says it is, instead of the message's */
};

/* The code that the message matches: one that raises a distress before all others, then another kind of
 * distress, then one with a text, then the first in the file. unit and to are those of the first match that
 * names them. */
void codes_find(const struct config_code *codes, unsigned count, const struct message *message,
                struct code_hit *hit);

/* Takes "protocol.field=pattern" apart; the pattern, or NULL when it is not made so. */
const char *code_match_split(const char *match, char protocol[static CONFIG_TEXT_MAX],
                             char field[static CONFIG_TEXT_MAX]);

#endif
