/* SPDX-License-Identifier: Apache-2.0 */
/* What a tower says in MDC-1200. */
#ifndef PROTOCOL_MDC1200_SAY_H
#define PROTOCOL_MDC1200_SAY_H

#include "atalaya/protocol/protocol.h"

/* As in struct protocol. It has no words: of the three answers to a distress it knows one, the
 * acknowledgement of an emergency, and that is kept for a person's. */
enum atalaya_result mdc1200_say(const struct protocol_say *say, struct message *message, bool *asks);

#endif
