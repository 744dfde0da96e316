/* SPDX-License-Identifier: Apache-2.0 */
/* What the data code words after HEAD carry: 46 bits each (clause 5.6.1), a text of seven-bit characters in
 * the format of MPT1343, or anything. No vector proves the place of the text: it is marked "unproven". */
#ifndef PROTOCOL_MPT1327_SHORT_DATA_H
#define PROTOCOL_MPT1327_SHORT_DATA_H

#include "content.h"

/* Fields "payload" (hexadecimal) and, when it is one, "text". Returns whether it is. */
bool short_data_read(struct message *message, const uint8_t *words, unsigned count);
/* The field "text", else "payload", to data code words [size: CONTENT_APPENDED_MAX of them]. Returns how
 * many; 0: neither is there, or it does not fit. */
unsigned short_data_write(const struct message *message, uint8_t *words);

#endif
