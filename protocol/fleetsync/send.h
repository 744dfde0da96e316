/* SPDX-License-Identifier: Apache-2.0 */
/* FleetSync on its way out, and written as text. The integer field "generation" says which of the two. */
#ifndef PROTOCOL_FLEETSYNC_SEND_H
#define PROTOCOL_FLEETSYNC_SEND_H

#include "atalaya/protocol/protocol.h"

/* As in struct protocol. */
size_t fleetsync_transmit(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                          size_t max);
/* "FE80 0100 2002", before it "II" when FleetSync II is meant. */
enum atalaya_result fleetsync_from_text(struct message *message, const char *line, size_t length);
size_t fleetsync_to_text(const struct message *message, char *text, size_t size);

#endif
