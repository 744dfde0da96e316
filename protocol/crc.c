/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/crc.h"

#include "atalaya/protocol/ones.h"

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

uint16_t crc15_mpt(const uint8_t *bytes, size_t length)
{
    enum { POLYNOMIAL = 0x6815, TOP = 0x4000, MASK = 0x7fff };
    unsigned crc = 0;
    for (size_t i = 0; i < length; i++) {
        crc ^= (unsigned)bytes[i] << 7;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & TOP ? crc << 1 ^ POLYNOMIAL : crc << 1) & MASK;
    }
    return (uint16_t)(crc ^ 1);
}

uint16_t crc15_check_word(const uint8_t octets[static CRC15_OCTETS])
{
    uint64_t word = crc15_mpt(octets, CRC15_OCTETS);
    for (size_t i = 0; i < CRC15_OCTETS; i++)
        word |= (uint64_t)octets[i] << (8 * i + 16);
    return (uint16_t)((word & 0x7fff) << 1 | (ones_count(word) & 1));
}
