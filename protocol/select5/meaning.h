/* SPDX-License-Identifier: Apache-2.0 */
/* The tones of a call and what they say.
 *
 * raw: [0] nominal length of a tone in ms, then two octets a tone: its frequency in Hz, most significant
 * octet first; 0 = the pause between two telegrams. What is the same wherever the call is heard is all of it.
 */
#ifndef ATALAYA_SELECT5_MEANING_H
#define ATALAYA_SELECT5_MEANING_H

#include "atalaya/protocol/message.h"
#include "standards.h"

enum { SELECT5_PAUSE = 0xff, SELECT5_ALL = (1 << SELECT5_STANDARDS) - 1 };

/* Tones, or SELECT5_PAUSE, to raw [size: count]. */
void select5_write_raw(struct message *message, unsigned tone_ms, const uint8_t *tones, unsigned count);
/* And back; returns how many there are [size: SELECT5_TONES_MOST], 0 = no call. */
unsigned select5_read_raw(const struct message *message, unsigned *tone_ms, uint8_t *tones);
/* Meaning of raw, by the standard of the set `allowed` (bit n: select5_standards[n]) in which it makes most
 * sense. Errors: ATALAYA_E_FORMAT (no call in any of them). */
enum atalaya_result select5_read(struct message *message, uint32_t allowed);
/* As struct protocol's compose: from unit, to and the fields "standard" and "between". */
enum atalaya_result select5_write(struct message *message);

#endif
