/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the site may name to brokers by now: what has waited in the spool may be of somebody who has been
 * taken off the list since. */
#ifndef ATALAYA_NAMING_H
#define ATALAYA_NAMING_H

#include <pthread.h>

#include "atalaya/gateway/units.h"

struct naming {
    pthread_mutex_t lock;
    const struct units *units; /* the caller's, until the next naming_configure */
    bool allow_list;
};

/* Main thread; naming->lock is there already. */
void naming_configure(struct naming *naming, const struct units *units, bool allow_list);
/* radio: "<address space>.<id>". Any thread; blocks for less than a lookup takes. */
bool naming_allows(struct naming *naming, const char *radio);

#endif
