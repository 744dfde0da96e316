/* SPDX-License-Identifier: Apache-2.0 */
/* What the operations of MDC-1200 mean, and who says them to whom. */
#ifndef ATALAYA_MDC1200_MEANING_H
#define ATALAYA_MDC1200_MEANING_H

#include "atalaya/protocol/message.h"

/* message->raw [4 octets, of a double packet 8] to unit, to, kind, distress and fields. ATALAYA_E_FORMAT: no
 * such length. */
enum atalaya_result meaning_read(struct message *message);
/* Back again: field "meaning" says which operation, else distress or kind; field "status" or "number" its
 * number. ATALAYA_E_UNSUPPORTED: MDC-1200 cannot say it. */
enum atalaya_result meaning_write(struct message *message);
/* Does a first block with this operation announce a second? */
bool meaning_is_double(uint8_t operation);

#endif
