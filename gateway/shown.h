/* SPDX-License-Identifier: Apache-2.0 */
/* Which units brokers retain a document of, at this site's word: so that who is taken off the list, gets
 * another name, or may be placed coarsely only, does not stand there for another day as before. Kept on disk
 * (routine durability). Main thread. */
#ifndef ATALAYA_SHOWN_H
#define ATALAYA_SHOWN_H

#include "atalaya/gateway/spool.h"
#include "atalaya/gateway/units.h"

enum { SHOWN_UNITS_MAX = 4096 };

struct shown;

/* config: as it stands at each call. */
enum atalaya_result shown_create(struct spool *spool, const struct config *config, struct shown **shown);
/* These brokers are sent one. known: the name is the registry's. Beyond the cap the unit noted first is
 * forgotten. */
void shown_note(struct shown *shown, const char *unit, bool known, uint32_t brokers);
/* The registry, the allow-list or what brokers may know has changed, or may have: takes back what must not be
 * retained any more. */
void shown_review(struct shown *shown, const struct units *units);
void shown_destroy(struct shown *shown);

#endif
