/* SPDX-License-Identifier: Apache-2.0 */
/* First generation beacons (C/S T.001 Issue 4 Rev. 12).
 *
 * message->raw is the message as it is sent, bit 1 in the most significant place of raw[0]:
 *   18 octets  bits 1-144, a long message with both synchronisation fields
 *   14 octets  bits 1-112, a short one
 *   15 octets  bits 25-144: whoever noted it left the synchronisation out, so that it does not say whether
 * the beacon was in self-test 11 octets  bits 25-112 8 octets  bits 26-85, a 15-hex identity, and four zeros:
 * no transmission, raises nothing Bits 16-24 keep the kind of transmission: 000101111 normal, 011010000
 * self-test (2.2.4.2), each recognised with one wrong bit. With any other pattern nothing is raised. */
#ifndef ATALAYA_COSPAS_SARSAT_FGB_H
#define ATALAYA_COSPAS_SARSAT_FGB_H

#include "atalaya/protocol/message.h"
#include "bit_frame.h"

enum {
    FGB_SYNC_BITS = 24,
    FGB_SHORT_BITS = 112,
    FGB_LONG_BITS = 144,
    FGB_SHORT_SOFT = FGB_SHORT_BITS - FGB_SYNC_BITS, /* decisions that fgb_parse_soft takes */
    FGB_LONG_SOFT = FGB_LONG_BITS - FGB_SYNC_BITS,
    FGB_SYNC_NORMAL = 0x02f, /* 2.2.4.2, bits 16-24 */
    FGB_SYNC_SELF_TEST = 0x0d0,
    FGB_SYNC_NONE = -1,   /* the frame came without */
    FGB_SYNC_UNKNOWN = -2 /* neither of the two */
};

/* Raw of one of the lengths above to meaning. BCH-1 corrects up to three bits and BCH-2 two; what is
 * corrected is written back to raw. ATALAYA_E_CHECK: BCH-1 does not hold; then nothing of it can be believed.
 * When only BCH-2 fails, bits 25-85 count and what the rest would have said is left out: field "fault". */
enum atalaya_result fgb_parse(struct message *message);

/* The same from soft decisions about bits 25 on, with which both checks correct more and believe less
 * (bch.h). soft [size: count]; count = 88 (all that can follow a short message) to 120; sync =
 * FGB_SYNC_NORMAL or FGB_SYNC_SELF_TEST. message is fresh; raw is made here. ATALAYA_E_LENGTH: the message is
 * long and count is less than 120. message->guessed: more bits were changed than the code corrects by itself.
 */
enum atalaya_result fgb_parse_soft(struct message *message, int sync, const int8_t *soft, size_t count);

/* Meaning to a raw with synchronisation; see protocol.h. Takes the identity from field "beacon_protocol" and
 * the fields that parse gives for it, or, without one, from a unit of 15 hexadecimal digits. message->test
 * with a protocol that is none for tests makes a self-test. ATALAYA_E_UNSUPPORTED also when the frame would
 * raise a distress that the message does not speak of, or the other way round. */
enum atalaya_result fgb_compose(struct message *message);

#endif
