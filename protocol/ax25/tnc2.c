/* SPDX-License-Identifier: Apache-2.0 */
#include "tnc2.h"

#include <string.h>

#include "aprs.h"
#include "atalaya/protocol/ax25.h"

enum { APRS_IS_NAME_MAX = 9, IPV6_DIGITS = 32 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters of either case, digits and dashes: what APRS-IS servers accept as a name. */
static bool name_is_valid(const char *name, size_t length)
{
    if (length == 0 || length > APRS_IS_NAME_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && !is_digit(c) && c != '-')
            return false;
    }
    return true;
}

static bool name_is_ipv6(const char *name, size_t length)
{
    if (length != IPV6_DIGITS)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_digit(name[i]) && (name[i] < 'A' || name[i] > 'F'))
            return false;
    return true;
}

/* A radio has one name: "-0" and leading zeros of an SSID go, as they do when it is heard on air. */
static void name_copy(char name[static AX25_NAME_MAX], const char *text, size_t length)
{
    struct ax25_address address;
    if (ax25_address_from_text(text, length, &address) == ATALAYA_OK) {
        ax25_address_text(&address, name);
        return;
    }
    memcpy(name, text, length);
    name[length] = '\0';
}

/* One path element. after_q: a q construct came before it, so that a server's IPv6 address may stand here. */
static enum atalaya_result repeater_read(struct tnc2_header *header, const char *text, size_t length,
                                         bool after_q)
{
    bool star = length && text[length - 1] == '*';
    size_t name = star ? length - 1 : length;
    if (!name_is_valid(text, name) && !(after_q && !star && name_is_ipv6(text, name)))
        return ATALAYA_E_FORMAT;
    if (header->repeaters == TNC2_REPEATERS_MAX)
        return ATALAYA_E_LENGTH;
    name_copy(header->repeater[header->repeaters], text, name);
    header->repeated[header->repeaters++] = false;
    for (unsigned i = 0; star && i < header->repeaters; i++)
        header->repeated[i] = true; /* only the last user is starred; those before it were used too */
    return ATALAYA_OK;
}

static enum atalaya_result path_read(struct tnc2_header *header, const char *path, const char *end)
{
    bool after_q = false;
    while (path < end) {
        path++; /* the comma */
        const char *comma = memchr(path, ',', (size_t)(end - path));
        size_t length = (size_t)((comma ? comma : end) - path);
        enum atalaya_result result = repeater_read(header, path, length, after_q);
        if (result != ATALAYA_OK)
            return result;
        after_q = after_q || (length == 3 && path[0] == 'q');
        path += length;
    }
    return ATALAYA_OK;
}

enum atalaya_result tnc2_parse_header(const uint8_t *line, size_t length, struct tnc2_header *header,
                                      size_t *info_offset)
{
    const char *text = (const char *)line;
    const char *colon = length ? memchr(text, ':', length) : NULL;
    const char *arrow = colon ? memchr(text, '>', (size_t)(colon - text)) : NULL;
    if (!arrow)
        return ATALAYA_E_FORMAT;
    const char *destination = arrow + 1;
    const char *comma = memchr(destination, ',', (size_t)(colon - destination));
    const char *path = comma ? comma : colon;
    size_t source_length = (size_t)(arrow - text), destination_length = (size_t)(path - destination);
    struct ax25_address unused;
    /* Destinations stay AX.25 everywhere: APRS keeps software names, symbols and Mic-E latitudes there. */
    if (!name_is_valid(text, source_length) ||
        ax25_address_from_text(destination, destination_length, &unused) != ATALAYA_OK)
        return ATALAYA_E_FORMAT;
    name_copy(header->source, text, source_length);
    name_copy(header->destination, destination, destination_length);
    header->repeaters = 0;
    *info_offset = (size_t)(colon - text) + 1;
    return path_read(header, path, colon);
}
