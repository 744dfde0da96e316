/* SPDX-License-Identifier: Apache-2.0 */
/* What a Kenwood base radio is told to do on its data port, between STX and ETX. Facts from open programs
 * that do it (radiolog of a county's search and rescue team); the maker publishes none. Pure, reentrant. */
#ifndef ATALAYA_PROTOCOL_KENWOOD_H
#define ATALAYA_PROTOCOL_KENWOOD_H

#include <stdbool.h>
#include <stddef.h>

enum {
    KENWOOD_TEXT_MAX = 1024,                   /* characters; longer than 48 is another order */
    KENWOOD_ORDER_MAX = KENWOOD_TEXT_MAX + 16, /* octets, terminator included */
    KENWOOD_MARK_MAX = 16
};

/* unit: "100-1001" (FleetSync), "000-0000" for all of them, "U01001" (NEXEDGE). Both write a terminated order
 * without STX and ETX and return its length; 0: no such unit, or a text that is empty, too long or not plain
 * ASCII. */
size_t kenwood_order_text(const char *unit, const char *text, size_t length, char order[KENWOOD_ORDER_MAX]);
/* Where are you? All of them cannot be asked. */
size_t kenwood_order_poll(const char *unit, char order[KENWOOD_ORDER_MAX]);
/* Is it "000-0000"? Nobody answers what is said to all. */
bool kenwood_is_everybody(const char *unit);
/* Does this sentence of the data port, checked already, tell where that unit is? */
bool kenwood_is_place_of(const char *unit, const char *sentence, size_t length);

#endif
