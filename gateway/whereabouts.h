/* SPDX-License-Identifier: Apache-2.0 */
/* The last known position of every unit heard, kept on disk across restarts (routine durability). Main
 * thread. */
#ifndef ATALAYA_WHEREABOUTS_H
#define ATALAYA_WHEREABOUTS_H

#include "atalaya/gateway/distress.h"
#include "atalaya/gateway/spool.h"
#include "atalaya/gateway/units.h"

enum { WHEREABOUTS_UNITS_MAX = 4096 };

struct whereabouts;

enum atalaya_result whereabouts_create(struct spool *spool, struct whereabouts **whereabouts);
/* Remembers; beyond the cap the unit heard longest ago is forgotten, but none of the registry (known) as long
 * as there are strangers. */
void whereabouts_update(struct whereabouts *whereabouts, const char *unit, bool known,
                        const struct whereabout *where);
/* NULL: never heard. */
const struct whereabout *whereabouts_find(const struct whereabouts *whereabouts, const char *unit);
/* The radio, or the unit, has another name from now on: where it was is known under that too. */
void whereabouts_rename(struct whereabouts *whereabouts, const char *from, const char *to);
/* The registry has changed, or may have: who was a stranger may have a name of its by now. */
void whereabouts_configured(struct whereabouts *whereabouts, const struct units *units);
void whereabouts_destroy(struct whereabouts *whereabouts);

#endif
