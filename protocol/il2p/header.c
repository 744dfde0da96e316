/* SPDX-License-Identifier: Apache-2.0 */
/* Octets 0 to 5 and 6 to 11 hold the calls in bits 5..0 (character - 32), octet 12 the SSIDs. Bits 7 and 6 of
 * octets 0 to 11 are fields of their own, most significant bit first:
 *
 *   bit 7   0: 16 check octets   1: type   2..11: payload octets
 *   bit 6   0: UI frame          1..4: PID code   5..11: control */
#include "header.h"

#include <string.h>

#include "atalaya/protocol/ax25.h"

enum {
    CODE_S = 0, /* PID codes of frames without a PID */
    CODE_U = 1,
    OPCODE_UI = 5,
    COMMAND = 0x04,
    SSID_BITS = 0x0f,
    RESERVED = 0x60, /* of an AX.25 SSID octet, clause 3.12 */
    MARK = 0x80,
    POLL = 0x10
};

/* AX.25 PIDs by code; 0: not in use. */
static const uint8_t pids[16] = {0, 0, 0x20, 0x01, 0x06, 0x07, 0x08, 0,
                                 0, 0, 0,    0xcc, 0xcd, 0xce, 0xcf, 0xf0};
/* Unnumbered frames by opcode: SABM, DISC, DM, UA, FRMR, UI, XID, TEST. */
static const uint8_t unnumbered[8] = {0x2f, 0x43, 0x0f, 0x63, 0x87, 0x03, 0xaf, 0xe3};

static unsigned field_get(const uint8_t *octets, unsigned bit, unsigned first, unsigned width)
{
    unsigned value = 0;
    for (unsigned i = first; i < first + width; i++)
        value = value << 1 | (octets[i] >> bit & 1);
    return value;
}

static void field_put(uint8_t *octets, unsigned bit, unsigned first, unsigned width, unsigned value)
{
    for (unsigned i = first + width; i-- > first; value >>= 1)
        octets[i] |= (uint8_t)((value & 1) << bit);
}

/* Six characters as AX.25 shifts them; false: not capital letters and digits, then blanks. */
static bool call_read(const uint8_t *octets, uint8_t *ax25)
{
    bool blank = false;
    for (unsigned i = 0; i < AX25_CALL_SIZE; i++) {
        unsigned c = (octets[i] & 0x3fU) + ' ';
        bool plain = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if ((c != ' ' && !plain) || (plain && blank) || (i == 0 && !plain))
            return false;
        blank = c == ' ';
        ax25[i] = (uint8_t)(c << 1);
    }
    return true;
}

/* The control octet, or -1. *command: the C bit. */
static int control_read(const uint8_t *octets, bool *command)
{
    unsigned ui = field_get(octets, 6, 0, 1), code = field_get(octets, 6, 1, 4);
    unsigned control = field_get(octets, 6, 5, 7), poll = control & 0x40 ? POLL : 0;
    unsigned middle = control >> 3 & 7;
    *command = control & COMMAND;
    if (code == CODE_S)
        return ui ? -1 : (int)(middle << 5 | poll | (control & 3) << 2 | 1);
    if (code == CODE_U || ui) {
        bool is_ui = middle == OPCODE_UI;
        return is_ui == (ui != 0) && (code == CODE_U) == !is_ui && !(control & 3)
                   ? (int)(unnumbered[middle] | poll)
                   : -1;
    }
    *command = true; /* I frames are commands */
    return (int)(middle << 5 | poll | (control & 7) << 1);
}

static bool translated_read(const uint8_t *octets, struct il2p_header *header)
{
    uint8_t *ax25 = header->ax25;
    bool command;
    unsigned code = field_get(octets, 6, 1, 4);
    int control = control_read(octets, &command);
    if (control < 0 || !call_read(octets, ax25) ||
        !call_read(octets + AX25_CALL_SIZE, ax25 + AX25_ADDRESS_SIZE))
        return false;
    ax25[AX25_CALL_SIZE] = (uint8_t)(RESERVED | (octets[12] >> 4) << 1 | (command ? MARK : 0));
    ax25[2 * AX25_ADDRESS_SIZE - 1] =
        (uint8_t)(RESERVED | (octets[12] & SSID_BITS) << 1 | (command ? 0 : MARK) | 1);
    ax25[2 * AX25_ADDRESS_SIZE] = (uint8_t)control;
    header->ax25_size = 2 * AX25_ADDRESS_SIZE + 1;
    if (!ax25_has_pid((uint8_t)control))
        return true;
    ax25[header->ax25_size++] = pids[code];
    return pids[code] != 0;
}

bool il2p_header_read(const uint8_t octets[IL2P_HEADER_SIZE], struct il2p_header *header)
{
    header->most_check = field_get(octets, 7, 0, 1);
    header->translated = field_get(octets, 7, 1, 1);
    header->payload = field_get(octets, 7, 2, 10);
    header->ax25_size = 0;
    header->blank = octets[12] == 0;
    for (unsigned i = 0; i < 12; i++)
        header->blank = header->blank && !(octets[i] & 0x7f);
    if (header->translated)
        return translated_read(octets, header);
    return header->payload >= AX25_FRAME_MIN;
}

/* The seven control bits of a frame, and its opcode or nothing into the PID code. */
static void control_write(uint8_t *octets, uint8_t control, uint8_t pid, bool command)
{
    unsigned bits = (control & POLL ? 0x40U : 0) | (control >> 5 & 7U) << 3, code = CODE_S, opcode = 0;
    if ((control & 3) == 1) {
        bits |= (command ? COMMAND : 0) | (control >> 2 & 3U);
    } else if ((control & 3) == 3) {
        while (opcode < 7 && unnumbered[opcode] != (control & ~POLL))
            opcode++;
        bits = (bits & 0x40U) | opcode << 3 | (command ? COMMAND : 0);
        code = CODE_U;
    } else {
        bits |= control >> 1 & 7U;
    }
    for (unsigned i = 2; ax25_has_pid(control) && i < sizeof pids; i++)
        if (pids[i] == pid && pid)
            code = i;
    field_put(octets, 6, 0, 1, (control & 3) == 3 && opcode == OPCODE_UI);
    field_put(octets, 6, 1, 4, code);
    field_put(octets, 6, 5, 7, bits);
}

/* A header of type 1, right or not: the caller reads it back. */
static void translated_write(const uint8_t *frame, size_t payload, uint8_t *octets)
{
    memset(octets, 0, IL2P_HEADER_SIZE);
    for (unsigned i = 0; i < AX25_CALL_SIZE; i++) {
        octets[i] = (uint8_t)((frame[i] >> 1) - ' ') & 0x3f;
        octets[AX25_CALL_SIZE + i] = (uint8_t)((frame[AX25_ADDRESS_SIZE + i] >> 1) - ' ') & 0x3f;
    }
    octets[12] = (uint8_t)((frame[AX25_CALL_SIZE] >> 1 & SSID_BITS) << 4 |
                           (frame[2 * AX25_ADDRESS_SIZE - 1] >> 1 & SSID_BITS));
    control_write(octets, frame[2 * AX25_ADDRESS_SIZE], frame[2 * AX25_ADDRESS_SIZE + 1],
                  frame[AX25_CALL_SIZE] & MARK);
    field_put(octets, 7, 0, 1, 1);
    field_put(octets, 7, 1, 1, 1);
    field_put(octets, 7, 2, 10, (unsigned)payload);
}

/* APRS Mic-E keeps part of a position in the destination: such frames travel as they are. */
static bool is_mic_e(const uint8_t *frame, size_t length)
{
    const size_t info = IL2P_AX25_HEADER_MAX;
    return length > info && frame[info - 2] == AX25_CONTROL_UI && frame[info - 1] == AX25_PID_NONE &&
           (frame[info] == '`' || frame[info] == '\'' || frame[info] == 0x1c || frame[info] == 0x1d);
}

bool il2p_header_write(const uint8_t *frame, size_t length, uint8_t octets[IL2P_HEADER_SIZE],
                       size_t *payload_at)
{
    struct il2p_header back;
    size_t size = 2 * AX25_ADDRESS_SIZE + 1;
    if (length > 2 * AX25_ADDRESS_SIZE && ax25_has_pid(frame[size - 1]))
        size++;
    if (length >= size && length >= IL2P_AX25_HEADER_MAX - 1 && length - size <= IL2P_PAYLOAD_MAX) {
        uint8_t start[IL2P_AX25_HEADER_MAX] = {0};
        memcpy(start, frame, length < sizeof start ? length : sizeof start);
        translated_write(start, length - size, octets);
        *payload_at = size;
        if (!is_mic_e(frame, length) && il2p_header_read(octets, &back) && back.ax25_size == size &&
            memcmp(back.ax25, frame, size) == 0)
            return true;
    }
    memset(octets, 0, IL2P_HEADER_SIZE);
    field_put(octets, 7, 0, 1, 1);
    field_put(octets, 7, 2, 10, (unsigned)length);
    *payload_at = 0;
    return length <= IL2P_PAYLOAD_MAX;
}
