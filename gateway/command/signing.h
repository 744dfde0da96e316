/* SPDX-License-Identifier: Apache-2.0 */
/* A command as a centre sends it: made, and signed. For the programs of a dispatcher. */
#ifndef ATALAYA_COMMAND_SIGNING_H
#define ATALAYA_COMMAND_SIGNING_H

#include <jansson.h>

#include "lifecycle/signature.h"

struct signing_facts {
    const char *id, *centre; /* NULL = a new one; NULL = not said */
    double expires_s;        /* worth nothing after */
    bool test;
};

/* Without its signature. Takes arguments over, also on failure. NULL: a text is not UTF-8, or no memory. */
json_t *signing_make(const struct signing_facts *facts, json_t *arguments);
/* Adds the signature. false: it cannot be written the way that is signed (inbound.h). */
bool signing_sign(json_t *command, const char *site, const char *name, const struct signature_key *key);

#endif
