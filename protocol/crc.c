/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/crc.h"

static uint16_t reflected(const uint8_t *bytes, size_t length, unsigned crc)
{
    enum { POLYNOMIAL = 0x8408 }; /* x^12 + x^5 + 1, bits reversed */
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
    }
    return (uint16_t)(crc ^ 0xffff);
}

uint16_t crc16_x25(const uint8_t *bytes, size_t length)
{
    return reflected(bytes, length, 0xffff);
}

uint16_t crc16_mdc(const uint8_t *bytes, size_t length)
{
    return reflected(bytes, length, 0);
}
