/* SPDX-License-Identifier: Apache-2.0 */
/* Which brokers are told of what, by the filters of the centres. Brokers are bits, the b-th of the
 * configuration is 1 << b. Pure; any thread. */
#ifndef ATALAYA_LIFECYCLE_CENTRES_H
#define ATALAYA_LIFECYCLE_CENTRES_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"

/* Of what. */
struct centre_subject {
    const char *kind, *unit; /* "distress", "position", ... */
    bool test;
    bool has_place; /* of the unit */
    double lat_deg, lon_deg;
};

bool centre_kind_exists(const char *kind);
bool centre_takes(const struct config_centre *centre, const struct centre_subject *subject);
uint32_t centres_all_brokers(const struct config *config);
/* Brokers that belong to no centre. */
uint32_t centres_free_brokers(const struct config *config);
/* The first `count` brokers of a centre, the best first. */
uint32_t centre_brokers(const struct config *config, const struct config_centre *centre, unsigned count);
unsigned centre_broker_count(const struct config *config, const struct config_centre *centre);
/* Brokers of everybody who wants that kind at all: of what is of no unit and no place. */
uint32_t centres_of_kind(const struct config *config, const char *kind);
/* Of everybody who is told of this unit, if of anything. */
uint32_t centres_of_unit(const struct config *config, const char *unit);
/* Where a document about the subject goes; 0 = nowhere. */
uint32_t centres_route(const struct config *config, const struct centre_subject *subject);

#endif
