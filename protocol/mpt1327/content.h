/* SPDX-License-Identifier: Apache-2.0 */
/* What a message of MPT1327 says: an address code word and the data code words appended to it, six octets
 * each, without their checks. Facts: MPT1327 (1988, revised 1997) clauses 4 and 5, as the open system
 * controller of A. Eversberg and the open decoder of D. Sheirer have them. */
#ifndef PROTOCOL_MPT1327_CONTENT_H
#define PROTOCOL_MPT1327_CONTENT_H

#include "atalaya/result.h"
#include "types.h"

enum { CONTENT_APPENDED_MAX = 4, CONTENT_MAX = (1 + CONTENT_APPENDED_MAX) * CODE_WORD_OCTETS };

/* How many data code words follow this address code word. *at_most: or fewer, which shows by what follows. */
unsigned mpt_appended(const uint8_t octets[static CODE_WORD_OCTETS], bool from_system, bool *at_most);
/* Is it an address code word (clause 3.2.3)? */
bool mpt_is_address(const uint8_t octets[static CODE_WORD_OCTETS]);
/* Nothing but ones says nothing, and is what a steady tone sounds like before a check that holds by chance:
 * it is never a message, neither heard nor sent. */
bool mpt_is_tone(const uint8_t octets[static CODE_WORD_OCTETS]);
/* Does it mean something that one expects there? An address code word that had to be repaired must: unless it
 * comes from a controller that is known, it must be of a radio that has an ident, or end a call. */
bool mpt_is_plausible(const uint8_t octets[static CODE_WORD_OCTETS], bool from_system);
/* A call for help that is one bit of a code word of sixteen numbers: noise makes it sixteen times as often as
 * others, and it should be heard twice unless it comes from a controller that is known. */
bool mpt_is_easily_false(const uint8_t octets[static CODE_WORD_OCTETS], bool from_system);
/* Is it a control channel system code word, which ends with the synchronisation of the next code word (clause
 * 3.3.1)? */
bool mpt_is_system(const uint8_t octets[static CODE_WORD_OCTETS]);
/* Did the controller send it? Only it has system code words; the field "system" says so. */
bool mpt_from_system(const struct message *message);

/* Are all code words there, and none too many? */
bool mpt_is_whole(const struct message *message);
/* message->raw to unit, to, kind, distress and fields. ATALAYA_E_FORMAT: no such sequence of code words.
 * Data code words missing: well_formed is false. */
enum atalaya_result mpt_read(struct message *message);
/* Back again, of what radios say: the field "meaning" says what, else distress or kind. */
enum atalaya_result mpt_write(struct message *message);

#endif
