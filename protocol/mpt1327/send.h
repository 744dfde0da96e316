/* SPDX-License-Identifier: Apache-2.0 */
/* MPT1327 on its way out, and written as text. The fields "traffic" and "system" say on which channel. */
#ifndef PROTOCOL_MPT1327_SEND_H
#define PROTOCOL_MPT1327_SEND_H

#include "atalaya/protocol/protocol.h"

/* As in struct protocol. */
size_t mpt1327_transmit(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                        size_t max);
/* "A408 4468 0AAA", data code words after it. Before it "SYNT": on a traffic channel; a system code word: by
 * the controller of that system. */
enum atalaya_result mpt1327_from_text(struct message *message, const char *line, size_t length);
size_t mpt1327_to_text(const struct message *message, char *text, size_t size);

#endif
