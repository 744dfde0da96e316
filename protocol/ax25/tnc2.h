/* SPDX-License-Identifier: Apache-2.0 */
/* The TNC2 monitor form, SOURCE>DESTINATION,REPEATER*,REPEATER:information, as terminals, logs, APRS-IS and
 * APRS third-party packets (APRS 1.0 chapter 17) carry it. Pure. */
#ifndef ATALAYA_PROTOCOL_AX25_TNC2_H
#define ATALAYA_PROTOCOL_AX25_TNC2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/protocol/message.h"
#include "atalaya/result.h"

enum {
    AX25_NAME_MAX = 48, /* APRS-IS puts whole IPv6 addresses, 32 digits, into paths */
    TNC2_REPEATERS_MAX = 16
};

struct tnc2_header {
    char source[AX25_NAME_MAX], destination[AX25_NAME_MAX];
    unsigned repeaters;
    char repeater[TNC2_REPEATERS_MAX][AX25_NAME_MAX]; /* without '*' */
    bool repeated[TNC2_REPEATERS_MAX];                /* true up to the last '*' */
};

/* Reads the header of a line; information starts at *info_offset and may be empty. ATALAYA_E_FORMAT: not such
 * a line, or names that neither AX.25 nor APRS-IS allows. ATALAYA_E_LENGTH: more repeaters than
 * TNC2_REPEATERS_MAX. */
enum atalaya_result tnc2_parse_header(const uint8_t *line, size_t length, struct tnc2_header *header,
                                      size_t *info_offset);

/* The from_text and to_text of struct protocol. Information bytes pass as they are, whatever they are. Where
 * names do not fit AX.25 raw stays empty, yet payload_offset and payload_length still point at the
 * information inside raw's memory, so that deduplication and to_text work. */
enum atalaya_result tnc2_read(struct message *message, const char *line, size_t length);
size_t tnc2_write(const struct message *message, char *text, size_t size);

#endif
