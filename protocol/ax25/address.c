/* SPDX-License-Identifier: Apache-2.0 */
/* The address field, AX.25 v2.2 clause 3.12:
 *
 *   octet 0..5   character << 1 | 0         call sign, padded with spaces
 *   octet 6      m r r s s s s e            m: C or H bit, r: reserved (1), s: SSID, e: last address
 */
#include "atalaya/protocol/ax25.h"

#include <string.h>

enum { LAST = 0x01, RESERVED = 0x60, MARK = 0x80, SSID_MAX = 15 };

static bool is_plain(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static enum atalaya_result address_read(const uint8_t *octets, struct ax25_address *address)
{
    size_t length = 0;
    for (size_t i = 0; i < AX25_CALL_SIZE; i++) {
        char c = (char)(octets[i] >> 1);
        if (octets[i] & LAST || c < ' ' || c > '~')
            return ATALAYA_E_FORMAT;
        address->call[i] = c;
        if (c != ' ')
            length = i + 1;
    }
    address->call[length] = '\0';
    address->plain = length > 0;
    for (size_t i = 0; i < length; i++)
        address->plain = address->plain && is_plain(address->call[i]);
    address->ssid = octets[AX25_CALL_SIZE] >> 1 & SSID_MAX;
    address->marked = octets[AX25_CALL_SIZE] & MARK;
    return ATALAYA_OK;
}

enum atalaya_result ax25_header_read(const uint8_t *octets, size_t length, struct ax25_header *header,
                                     size_t *size)
{
    header->repeaters = 0;
    for (unsigned n = 0; n < 2 + AX25_REPEATERS_MAX; n++) {
        if (length < (n + 1) * (size_t)AX25_ADDRESS_SIZE)
            return ATALAYA_E_FORMAT;
        const uint8_t *octet = octets + n * (size_t)AX25_ADDRESS_SIZE;
        struct ax25_address *address = n == 0   ? &header->destination
                                       : n == 1 ? &header->source
                                                : &header->repeater[header->repeaters++];
        enum atalaya_result result = address_read(octet, address);
        if (result != ATALAYA_OK)
            return result;
        if (octet[AX25_CALL_SIZE] & LAST) {
            *size = (n + 1) * (size_t)AX25_ADDRESS_SIZE;
            return n ? ATALAYA_OK : ATALAYA_E_FORMAT;
        }
    }
    return ATALAYA_E_FORMAT;
}

static void address_write(const struct ax25_address *address, uint8_t *octets)
{
    size_t length = strlen(address->call);
    for (size_t i = 0; i < AX25_CALL_SIZE; i++)
        octets[i] = (uint8_t)((i < length ? address->call[i] : ' ') << 1);
    octets[AX25_CALL_SIZE] = (uint8_t)(RESERVED | address->ssid << 1 | (address->marked ? MARK : 0));
}

size_t ax25_header_write(const struct ax25_header *header, uint8_t *octets)
{
    size_t size = 2 * (size_t)AX25_ADDRESS_SIZE;
    address_write(&header->destination, octets);
    address_write(&header->source, octets + AX25_ADDRESS_SIZE);
    for (unsigned i = 0; i < header->repeaters; i++, size += AX25_ADDRESS_SIZE)
        address_write(&header->repeater[i], octets + size);
    octets[size - 1] |= LAST;
    return size;
}

void ax25_address_text(const struct ax25_address *address, char text[static AX25_ADDRESS_TEXT_MAX])
{
    size_t length = strlen(address->call);
    for (size_t i = 0; i < length; i++) /* six octets may read like a call sign with an SSID, and are none */
        text[i] = (char)(address->call[i] == '-' ? '_' : address->call[i]);
    if (address->ssid) {
        text[length++] = '-';
        if (address->ssid > 9)
            text[length++] = '1';
        text[length++] = (char)('0' + address->ssid % 10);
    }
    text[length] = '\0';
}

/* "-0" .. "-15" or nothing; -1 for anything else. */
static int ssid_from_text(const char *text, size_t length)
{
    if (length == 0)
        return 0;
    if (text[0] != '-' || length < 2 || length > 3)
        return -1;
    int ssid = 0;
    for (size_t i = 1; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        ssid = ssid * 10 + (text[i] - '0');
    }
    return ssid <= SSID_MAX ? ssid : -1;
}

enum atalaya_result ax25_address_from_text(const char *text, size_t length, struct ax25_address *address)
{
    size_t call = 0;
    while (call < length && call < AX25_CALL_SIZE && is_plain(text[call]))
        call++;
    int ssid = ssid_from_text(text + call, length - call);
    if (call == 0 || ssid < 0)
        return ATALAYA_E_FORMAT;
    memcpy(address->call, text, call);
    address->call[call] = '\0';
    address->ssid = (uint8_t)ssid;
    address->marked = false;
    address->plain = true;
    return ATALAYA_OK;
}

void ax25_unit_set(struct message *message, const char *name)
{
    size_t length = 0;
    for (; name[length] && length < MESSAGE_ID_MAX - 1; length++) {
        char c = name[length];
        bool safe = is_plain(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';
        message->unit[length] = safe ? c : '_';
    }
    message->unit[length] = '\0';
}
