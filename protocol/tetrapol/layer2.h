/* SPDX-License-Identifier: Apache-2.0 */
/* What a layer-2 frame says (PAS 0001-3-3): address, command, and of the payload what is public. Any thread.
 */
#ifndef ATALAYA_TETRAPOL_LAYER2_H
#define ATALAYA_TETRAPOL_LAYER2_H

#include <stddef.h>

#include "atalaya/protocol/message.h"

enum {
    TETRAPOL_UI = 0x03,     /* with bit 4 free */
    TETRAPOL_UI_CD = 0xa3,  /* who speaks */
    TETRAPOL_UI_VCH = 0xc3, /* of the voice channel */
    TETRAPOL_TP_ADDRESS = 0x01,
    TETRAPOL_U_START_SPEECH = 0x10,
    TETRAPOL_U_END_SPEECH = 0x11, /* ... to 0x13 */
    TETRAPOL_END_SPEECH_LAST = 0x13,
    TETRAPOL_RFSI_TEXT = 13, /* RRR-F-SS-III, terminator included */
    TETRAPOL_RFSI_BYTES = 5,
    TETRAPOL_HEAD = 3, /* address and command */
    TETRAPOL_SPEECH_BYTES = 6,
    TETRAPOL_CALLER_BYTES = 14
};

/* LI, CNA and nine digits to text; false when it is no RFSI. */
bool tetrapol_rfsi_read(const uint8_t bytes[TETRAPOL_RFSI_BYTES], char text[TETRAPOL_RFSI_TEXT]);
bool tetrapol_rfsi_write(const char *text, uint8_t bytes[TETRAPOL_RFSI_BYTES]);

/* The voice-channel codop of a frame, or -1. */
int tetrapol_voice_codop(const uint8_t *raw, size_t length);

/* The frame that names the caller; false when rfsi is none. */
bool tetrapol_caller_write(const char *rfsi, uint8_t raw[TETRAPOL_CALLER_BYTES]);

/* struct protocol's parse and compose. compose says who speaks (also for the bursts of transmit.h), and
 * starts and ends, which carry no identity. */
enum atalaya_result tetrapol_parse(struct message *message);
enum atalaya_result tetrapol_compose(struct message *message);

#endif
