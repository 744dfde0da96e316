/* SPDX-License-Identifier: Apache-2.0 */
/* What the blocks of a FleetSync message say. Six octets a block:
 *
 *   0 subcommand: of a status its number, else flags, each of which a ZERO raises
 *   1 command: 80 id, 40 status, 20 acknowledgement, 02 more blocks, 01 the addressee's fleet is in octet 6
 *   2 fleet - 99 | 3 and the upper half of 4: unit - 999 | the lower half of 4 and 5: addressee - 999
 *   6 addressee's fleet - 99 | 9, 10 octets of long data | from 12 on: the data, each block's six backwards
 *
 * Facts: the open decoders of M. Kaufman and D. Sheirer; that flags are raised by zeros was seen on the air,
 * where radios begin with FE 80 and end with FC 80. The maker published none of it. */
#ifndef PROTOCOL_FLEETSYNC_CONTENT_H
#define PROTOCOL_FLEETSYNC_CONTENT_H

#include "atalaya/protocol/message.h"

enum {
    CONTENT_BLOCK = 6,       /* octets */
    CONTENT_BLOCKS_MAX = 183 /* 1086 octets of data; MESSAGE_RAW_MAX holds no more */
};

/* How many blocks a message has that begins with `known` of them; 0: it ends where no more come. */
unsigned content_blocks(const uint8_t *octets, unsigned known);
/* Are these octets whole blocks, as many as the first says? */
bool content_is_whole(const uint8_t *octets, size_t length);
/* Are the sender and the command such as radios send? A block that had to be repaired must be so. */
bool content_is_plausible(const uint8_t *octets);
/* message->raw to unit, to, kind, distress and fields. ATALAYA_E_FORMAT: not whole blocks, too many, or from
 * nobody. Too few: well_formed is false. */
enum atalaya_result content_read(struct message *message);
/* Back again: the field "meaning" says what, else distress or kind. ATALAYA_E_UNSUPPORTED: FleetSync cannot
 * say it, or nobody knows how. */
enum atalaya_result content_write(struct message *message);

#endif
