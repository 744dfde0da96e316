/* SPDX-License-Identifier: Apache-2.0 */
#include "plausible.h"

#include "atalaya/protocol/ax25.h"
#include "atalaya/protocol/hdlc.h"

enum {
    ADDRESSES_MIN = 2,
    ADDRESSES_MAX = 10,
    MIC_E_OCTETS = 9, /* APRS 1.0.1 chapter 10: these have any value from 28 on, 127 too */
    TEXT_PART = 3     /* no more than a third of a text is spoilt; of random octets two thirds are no text */
};

/* AX.25 v2.2 clause 3.12.2: characters are shifted left by one; the lowest bit is 1 in the last octet of the
 * last address only. */
bool plausible_call_octet(uint8_t octet)
{
    unsigned character = octet >> 1;
    return !(octet & 1) && ((character >= 'A' && character <= 'Z') ||
                            (character >= '0' && character <= '9') || character == ' ');
}

/* Octets that the addresses take; 0: they are none. */
static size_t addresses_size(const uint8_t *frame, size_t length)
{
    for (size_t i = 0; i + HDLC_FCS_SIZE < length && i < (size_t)ADDRESSES_MAX * AX25_ADDRESS_SIZE; i++) {
        if (i % AX25_ADDRESS_SIZE < AX25_ADDRESS_SIZE - 1) {
            if (!plausible_call_octet(frame[i]))
                return 0;
        } else if (frame[i] & 1) {
            return i + 1 >= (size_t)ADDRESSES_MIN * AX25_ADDRESS_SIZE ? i + 1 : 0;
        }
    }
    return 0;
}

bool plausible_addresses(const uint8_t *frame, size_t length)
{
    return addresses_size(frame, length) > 0;
}

/* Octets of the character at `text`: ASCII, or well-formed UTF-8 (RFC 3629); 0: it is none. */
static size_t character_size(const uint8_t *text, size_t left)
{
    const uint8_t first = text[0];
    if ((first >= ' ' && first <= '~') || first == '\r' || first == '\n' || first == '\t')
        return 1;
    size_t size = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : 4;
    if (first < 0xc2 || first > 0xf4 || size > left)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

static bool is_mic_e(uint8_t kind)
{
    return kind == '`' || kind == '\'' || kind == 0x1c || kind == 0x1d;
}

bool plausible_spoilt_text(const uint8_t *frame, size_t length)
{
    size_t at = addresses_size(frame, length), end = length - HDLC_FCS_SIZE, spoilt = 0;
    if (at == 0)
        return false;
    at += ax25_has_pid(frame[at]) ? 2 : 1;
    if (at < end && is_mic_e(frame[at]))
        at += MIC_E_OCTETS;
    const size_t first = at;
    while (at < end) {
        size_t size = character_size(frame + at, end - at);
        spoilt += size == 0;
        at += size > 0 ? size : 1;
    }
    return spoilt > 0 && spoilt * TEXT_PART <= end - first;
}
