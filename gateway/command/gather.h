/* SPDX-License-Identifier: Apache-2.0 */
/* Which sites have an incident: what a broker retains. */
#ifndef ATALAYA_COMMAND_GATHER_H
#define ATALAYA_COMMAND_GATHER_H

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/distress.h"
#include "outlet/reader_key.h"

enum { GATHER_MAX = 32 };

struct gathered {
    unsigned count;
    struct {
        char site[CONFIG_NAME_MAX], distress[DISTRESS_ID_MAX];
    } of[GATHER_MAX];
};

/* The open objects of an incident (16 hexadecimal digits, or the first 8 of them, as watch shows it). false:
 * the broker cannot be asked; reader: opens what is sealed, NULL = none; said on standard error in the name
 * of `program`. */
bool gather_incident(const char *program, const struct config_broker *broker, const struct reader_key *reader,
                     const char *incident, struct gathered *found);

#endif
