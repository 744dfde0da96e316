/* SPDX-License-Identifier: Apache-2.0 */
/* The self-synchronising scrambler of G3RUH modems, 1 + x^12 + x^17 (J. Miller G3RUH, 9600 Baud Packet Radio
 * Modem Design, 1988), on line bits: after NRZI when sending, before it when receiving. A wrong line bit
 * makes three bits wrong after the descrambler: itself and those 12 and 17 later. Pure; all zero = fresh. */
#ifndef ATALAYA_PROTOCOL_SCRAMBLER_H
#define ATALAYA_PROTOCOL_SCRAMBLER_H

#include <stdbool.h>
#include <stdint.h>

struct scrambler {
    uint32_t line; /* bits on the line so far, the newest in bit 0 */
};

/* Data bit in, line bit out. */
bool scrambler_execute(struct scrambler *scrambler, bool bit);
/* Line bit in, data bit out; right from the 18th bit on, whatever came before. */
bool scrambler_undo(struct scrambler *scrambler, bool line);

#endif
