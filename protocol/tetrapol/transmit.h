/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATALAYA_TETRAPOL_TRANSMIT_H
#define ATALAYA_TETRAPOL_TRANSMIT_H

#include "atalaya/protocol/protocol.h"

/* struct protocol's transmit. Fields "band" ("uhf", "vhf") and "scr" say how; without them UHF, 0. The event
 * "transmission" goes as a whole burst of direct mode: start, caller (unit), voice of silence until
 * "transmission_s", ends; "emergency_pattern" as start, caller and half a second of it; any other message as
 * the blocks of its raw frame. */
size_t tetrapol_transmit(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                         size_t max);

#endif
