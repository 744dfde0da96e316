/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/crc.h"

#include "atalaya/protocol/ones.h"

/* x^12 + x^5 + 1, bits reversed: the remainder of each four bits. */
static const uint16_t remainder_of[16] = {0x0000, 0x1081, 0x2102, 0x3183, 0x4204, 0x5285, 0x6306, 0x7387,
                                          0x8408, 0x9489, 0xa50a, 0xb58b, 0xc60c, 0xd68d, 0xe70e, 0xf78f};

static uint16_t reflected(const uint8_t *bytes, size_t length, unsigned crc)
{
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ remainder_of[crc & 15];
        crc = crc >> 4 ^ remainder_of[crc & 15];
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
