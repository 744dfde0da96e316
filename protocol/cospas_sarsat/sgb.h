/* SPDX-License-Identifier: Apache-2.0 */
/* Second generation beacons (C/S T.018 Issue 1 Rev. 12).
 *
 * message->raw is the message as it is sent, bit 1 in the most significant place of raw[0]:
 *   32 octets  bits 1-250, four zeros, and two bits that say which of the PRN sequences of Table 2.2 carried
 * it: 01 normal, 10 self-test, 00 whoever noted it did not say 26 octets  bits 1-202 and six zeros: the check
 * was left out, so that nothing is raised 12 octets  a 23-hex identity (3.6), 92 bits and four zeros: no
 * transmission, raises nothing 8 octets  its first 15 digits and four zeros (3.6, note 2) */
#ifndef ATALAYA_COSPAS_SARSAT_SGB_H
#define ATALAYA_COSPAS_SARSAT_SGB_H

#include "atalaya/protocol/message.h"
#include "bit_frame.h"

enum {
    SGB_BITS = 250,
    SGB_DATA_BITS = 202,
    SGB_PREAMBLE_BITS = 50, /* 2.2.4: zeros on both components */
    SGB_ID_BITS = 92,
    SGB_PRN = 255, /* first of the two bits of raw that are not of the message */
    SGB_OCTETS = 32,
    SGB_DATA_OCTETS = 26,
    SGB_ID_OCTETS = 12,
    SGB_SHORT_ID_OCTETS = 8
};

enum sgb_prn { SGB_PRN_UNKNOWN, SGB_PRN_NORMAL, SGB_PRN_SELF_TEST };

/* Are these octets a second generation beacon's and not a first's? */
bool sgb_is_raw(const struct message *message);

/* As fgb_parse; the check corrects up to six bits. */
enum atalaya_result sgb_parse(struct message *message);
/* From soft decisions about bits 1-250, without the preamble; as fgb_parse_soft. */
enum atalaya_result sgb_parse_soft(struct message *message, enum sgb_prn prn,
                                   const int8_t soft[static SGB_BITS]);
/* As fgb_compose. The identity comes from field "tac" and the fields that parse gives with it, or from a unit
 * of 23 hexadecimal digits. */
enum atalaya_result sgb_compose(struct message *message);

/* 63 hexadecimal digits are 252 bits: some writers put the two empty ones behind the message, the ground
 * segment before it (T.018 B.1, note). Octets as read, empty digits last; makes the form above. The check, or
 * with 51 digits the spare bits 141-154, says which it was. */
void sgb_align(struct message *message);

#endif
