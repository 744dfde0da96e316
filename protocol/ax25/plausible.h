/* SPDX-License-Identifier: Apache-2.0 */
/* Is a frame, whose check holds after trials, like what people send? Pure. */
#ifndef ATALAYA_AX25_PLAUSIBLE_H
#define ATALAYA_AX25_PLAUSIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An octet of an address that a call sign can have. */
bool plausible_call_octet(uint8_t octet);
/* Two to ten addresses, of such octets. `frame` [size: length]: FCS included. */
bool plausible_addresses(const uint8_t *frame, size_t length);
/* Is it text, but for octets that no text has? Wrong decisions make such ones: of the octets that they spoil
 * more than half. */
bool plausible_spoilt_text(const uint8_t *frame, size_t length);

#endif
