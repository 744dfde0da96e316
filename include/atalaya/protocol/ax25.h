/* SPDX-License-Identifier: Apache-2.0 */
/* AX.25 v2.2 frames (clause 3) without flags and FCS: what every row shares that carries them, whatever lies
 * below (HDLC on Bell 202 is one such layer). Pure, any thread. */
#ifndef ATALAYA_PROTOCOL_AX25_H
#define ATALAYA_PROTOCOL_AX25_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/protocol/message.h"
#include "atalaya/result.h"

enum {
    AX25_CALL_SIZE = 6, /* clause 3.12: six shifted characters and the SSID octet */
    AX25_ADDRESS_SIZE = 7,
    AX25_ADDRESS_TEXT_MAX = 10, /* "N0CALL-15", terminated */
    AX25_REPEATERS_MAX = 8,     /* version 2.0 has eight, 2.2 still hears them */
    AX25_INFO_MAX = 1024,       /* default N1 is 256, negotiable upwards */
    AX25_HEADER_MAX = (2 + AX25_REPEATERS_MAX) * AX25_ADDRESS_SIZE,
    AX25_FRAME_MIN = 2 * AX25_ADDRESS_SIZE + 1,
    AX25_FRAME_MAX = AX25_HEADER_MAX + 2 + AX25_INFO_MAX,
    AX25_CONTROL_UI = 0x03, /* clause 4.3.3.6 */
    AX25_PID_NONE = 0xf0    /* no layer 3: what APRS uses */
};

/* Where our own packets are addressed to: APZ is for experimental software, APRS 1.0 chapter 4. */
#define AX25_TO_CALL "APZATL"

struct ax25_address {
    char call[AX25_CALL_SIZE + 1]; /* trailing spaces removed, terminated */
    uint8_t ssid;                  /* 0 .. 15 */
    bool marked;                   /* bit 7 of the SSID octet: H of a repeater, C of the others */
    bool plain;                    /* as clause 3.12.2 wants it: capital letters and digits, then spaces */
};

struct ax25_header {
    struct ax25_address destination, source;
    unsigned repeaters;
    struct ax25_address repeater[AX25_REPEATERS_MAX];
};

/* Octets to header; *size becomes their number. ATALAYA_E_FORMAT: no AX.25 address field. Odd call signs
 * (satellites have spaces inside) are read, with plain false. */
enum atalaya_result ax25_header_read(const uint8_t *octets, size_t length, struct ax25_header *header,
                                     size_t *size);
/* Header to octets [size: AX25_HEADER_MAX]; returns their number. */
size_t ax25_header_write(const struct ax25_header *header, uint8_t *octets);

/* "N0CALL-9"; SSID 0 is left out. */
void ax25_address_text(const struct ax25_address *address, char text[static AX25_ADDRESS_TEXT_MAX]);
/* Such text to an address, marked false. ATALAYA_E_FORMAT where it is not plain or does not fit. */
enum atalaya_result ax25_address_from_text(const char *text, size_t length, struct ax25_address *address);

/* Header from the fields "source" (else "gated_by", else unit), "destination" (else AX25_TO_CALL) and "path".
 * ATALAYA_E_UNSUPPORTED where AX.25 cannot carry such names or so many of them. */
enum atalaya_result ax25_header_from_fields(const struct message *message, struct ax25_header *header);

/* Copies a name into unit with '_' for every character that an id may not have. */
void ax25_unit_set(struct message *message, const char *name);

/* Has a frame with this control octet a PID? Only I and UI frames do (clause 3.4). */
bool ax25_has_pid(uint8_t control);

/* message->raw becomes the frame, and the payload the part of it that is the same wherever it is heard. pid <
 * 0: the frame type has none. ATALAYA_E_LENGTH: info is longer than AX25_INFO_MAX. */
enum atalaya_result ax25_frame_set(struct message *message, const struct ax25_header *header, uint8_t control,
                                   int pid, const uint8_t *info, size_t length);

/* The parse and compose of struct protocol. */
enum atalaya_result ax25_parse(struct message *message);
enum atalaya_result ax25_compose(struct message *message);
struct protocol_say;
/* As in struct protocol: call signs, texts of at most 67 characters, numbers of at most 5. */
enum atalaya_result ax25_say(const struct protocol_say *say, struct message *message, bool *asks);

#endif
