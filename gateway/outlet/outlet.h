/* SPDX-License-Identifier: Apache-2.0 */
/* The last thing before a broker: what it may know. Every publication of a link passes here, whatever wrote
 * it, so that nothing can be forgotten; the spool keeps everything exact and open. Places are made coarse
 * first (coarse.h), then the document is sealed (seal.h). Belongs to the link's thread once that runs. */
#ifndef ATALAYA_OUTLET_H
#define ATALAYA_OUTLET_H

#include "atalaya/result.h"
#include "seal.h"

enum { OUTLET_SECRET_BYTES = 32 };

struct outlet;

/* For the broker of that index. A reader key that cannot be read is said in the log: then other sites are not
 * understood, and everything else goes on. */
enum atalaya_result outlet_create(const struct config *config, unsigned broker, struct outlet **outlet);
/* What names in topics are hashed with; the site keeps it, so that a unit's topic stays the same. One that
 * nobody knows unless given. */
void outlet_set_secret(struct outlet *outlet, const unsigned char secret[OUTLET_SECRET_BYTES]);

struct outlet_parcel {
    const char *topic; /* below the prefix */
    const void *payload;
    size_t length;
    char *made_topic, *made_payload; /* of outlet_drop */
};

enum outlet_verdict {
    OUTLET_SEND,
    OUTLET_WITHHELD, /* this broker does not get it, now or later */
    OUTLET_FAILED    /* no memory: another time */
};
/* topic below the prefix, payload "" [length 0] to clear it. They must outlast the parcel. */
enum outlet_verdict outlet_pack(const struct outlet *outlet, const char *topic, const void *payload,
                                size_t length, struct outlet_parcel *parcel);
void outlet_drop(struct outlet_parcel *parcel);
/* What another site sealed to this one: *text [*length], to free; NULL: read the payload as it is. */
char *outlet_open(const struct outlet *outlet, const void *payload, size_t payload_length, size_t *length);
void outlet_destroy(struct outlet *outlet);

#endif
