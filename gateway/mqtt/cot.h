/* SPDX-License-Identifier: Apache-2.0 */
/* Positions and calls for help as Cursor on Target events, version 2.0, which the maps and servers of TAK
 * take in: `atalaya watch --cot`. A unit is a marker of its own; a call an alert, as ATAK's button makes one
 * (b-a-o-tbl, taken back by b-a-o-can), that stays until the incident is closed at every site that has it. A
 * test is a marker and never an alert. Not tried with a TAK server: none was at hand. One thread. */
#ifndef ATALAYA_MQTT_COT_H
#define ATALAYA_MQTT_COT_H

#include "feed.h"

enum {
    COT_TEXT_MAX = 16384,
    COT_OPEN_MAX = 512, /* calls that are followed at once */
    COT_NAME_MAX = 96
};

/* Which calls are open; all zero is the beginning. */
struct cot_book {
    unsigned next;
    struct cot_call {
        char distress[COT_NAME_MAX], incident[COT_NAME_MAX]; /* "" = free */
    } open[COT_OPEN_MAX];
};

/* Writes events, each a line with its end [size: COT_TEXT_MAX]. false: none. Hostile bytes become harmless.
 */
bool cot_format(struct cot_book *book, const struct feed_options *options, const char *topic,
                const void *payload, size_t length, char text[COT_TEXT_MAX]);

#endif
