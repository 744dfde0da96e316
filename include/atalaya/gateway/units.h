/* SPDX-License-Identifier: Apache-2.0 */
/* The registry: whose radio is it? From the configuration; immutable once made, replaced whole on reload. */
#ifndef ATALAYA_GATEWAY_UNITS_H
#define ATALAYA_GATEWAY_UNITS_H

#include <stdbool.h>

#include "atalaya/gateway/config.h"
#include "atalaya/protocol/message.h"
#include "atalaya/result.h"

struct units;

/* Who a radio is. name is the registry's, or "<address space>.<id>" made safe for topics. */
struct unit_identity {
    char name[CONFIG_TEXT_MAX];
    char crew[CONFIG_TEXT_MAX]; /* "" = none */
    bool known;                 /* in the registry */
};

enum atalaya_result units_create(const struct config *config, struct units **units);
/* Exact radio id first, then without an AX.25-style "-SSID", which a crew changes at will. */
void units_identify(const struct units *units, const char *address_space, const char *id,
                    struct unit_identity *who);
/* The same for a radio's whole name, "<address space>.<id>". */
void units_identify_radio(const struct units *units, const char *radio, struct unit_identity *who);
void units_destroy(struct units *units);

#endif
