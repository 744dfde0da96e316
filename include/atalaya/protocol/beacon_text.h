/* SPDX-License-Identifier: Apache-2.0 */
/* A message of a 406 MHz beacon as text for people who know the alerts of the satellite system: the numbered
 * paragraphs of a SIT 185 message (C/S A.002), saying first and last that this is none. Pure; any thread. */
#ifndef ATALAYA_PROTOCOL_BEACON_TEXT_H
#define ATALAYA_PROTOCOL_BEACON_TEXT_H

#include "atalaya/protocol/protocol.h"

/* Writes a terminated text of at most `size` bytes, lines ended by \n, and returns its length; 0: the message
 * is no beacon's (it has no field "generation"). message as parse gave it. */
size_t beacon_text_write(const struct message *message, const struct alert_facts *facts, char *text,
                         size_t size);

#endif
