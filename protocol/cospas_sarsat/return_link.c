/* SPDX-License-Identifier: Apache-2.0 */
#include "return_link.h"

enum { ID_BITS = 60, POLYNOMIAL = 0x8005 };

uint16_t return_link_crc(uint64_t hex_id)
{
    uint16_t crc = 0;
    for (unsigned i = ID_BITS; i-- > 0;) {
        unsigned out = (crc >> 15 ^ (unsigned)(hex_id >> i)) & 1;
        crc = (uint16_t)(crc << 1 ^ (out ? POLYNOMIAL : 0));
    }
    return crc;
}

unsigned return_link_minute(uint64_t hex_id)
{
    return return_link_crc(hex_id) % 60U;
}
