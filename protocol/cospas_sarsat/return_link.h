/* SPDX-License-Identifier: Apache-2.0 */
/* In which minute of the hour a beacon with a return link listens for its answer. Pure. */
#ifndef ATALAYA_COSPAS_SARSAT_RETURN_LINK_H
#define ATALAYA_COSPAS_SARSAT_RETURN_LINK_H

#include <stdint.h>

/* M_offset, 0 to 59 (T.001 4.5.7.2.2, T.018 Appendix F): hex_id = the 60 bits of the 15-hex identity,
 * positions at their default. */
unsigned return_link_minute(uint64_t hex_id);
/* The CRC-16 it comes from: x^16 + x^15 + x^2 + 1, first bit first, from zero. */
uint16_t return_link_crc(uint64_t hex_id);

#endif
