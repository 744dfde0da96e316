/* SPDX-License-Identifier: Apache-2.0 */
/* What a Kenwood base radio says between STX and ETX: who is calling, and whether an order was carried out.
 */
#ifndef PROTOCOL_KENWOOD_CALLER_H
#define PROTOCOL_KENWOOD_CALLER_H

#include <stddef.h>

#include "atalaya/protocol/message.h"
#include "atalaya/result.h"

/* text: what stands between STX and ETX, terminated. */
enum atalaya_result caller_read(struct message *message, const char *text);

/* "1004002" -> "100-4002": fleet and unit of FleetSync. id [size: MESSAGE_ID_MAX]. False: not seven digits.
 */
bool caller_fleetsync_id(const char *text, size_t length, char *id);
/* "U" and up to eight digits: a NEXEDGE unit. False: it is none. */
bool caller_nexedge_id(const char *text, size_t length, char *id);

#endif
