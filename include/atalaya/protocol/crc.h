/* SPDX-License-Identifier: Apache-2.0 */
/* Cyclic redundancy checks that more than one air interface uses. Pure, any thread. */
#ifndef ATALAYA_PROTOCOL_CRC_H
#define ATALAYA_PROTOCOL_CRC_H

#include <stddef.h>
#include <stdint.h>

enum {
    CRC16_X25_GOOD = 0x0f47, /* of a frame together with its FCS, low byte first */
    CRC15_OCTETS = 6 /* information of a code word of MPT1327 and FleetSync; two octets of check follow */
};

/* CRC-16/X-25, the FCS of ISO/IEC 3309 and AX.25 v2.2 clause 3.7: x^16 + x^12 + x^5 + 1, bits as they go on
 * air (least significant first), preset to ones, inverted at the end. Sent low byte first. */
uint16_t crc16_x25(const uint8_t *bytes, size_t length);

/* The same polynomial preset to zeros, inverted at the end: MDC-1200. */
uint16_t crc16_mdc(const uint8_t *bytes, size_t length);

/* CRC-15 of MPT1327 clause 3.2.3, and of FleetSync: x^15 + x^14 + x^13 + x^11 + x^4 + x^2 + 1, most
 * significant bit first, preset to zeros, the last bit inverted. 15 bits. */
uint16_t crc15_mpt(const uint8_t *bytes, size_t length);

/* The last 16 of a code word's 64 bits: the CRC-15 of its 48 bits of information, then the bit that makes
 * the number of ones in the word even (same clause). Of inverted information it is the inverse. */
uint16_t crc15_check_word(const uint8_t octets[static CRC15_OCTETS]);

#endif
