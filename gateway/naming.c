/* SPDX-License-Identifier: Apache-2.0 */
#include "naming.h"

void naming_configure(struct naming *naming, const struct units *units, bool allow_list)
{
    pthread_mutex_lock(&naming->lock);
    naming->units = units;
    naming->allow_list = allow_list;
    pthread_mutex_unlock(&naming->lock);
}

bool naming_allows(struct naming *naming, const char *radio)
{
    struct unit_identity who = {.known = false};
    pthread_mutex_lock(&naming->lock);
    bool any = !naming->allow_list;
    if (!any && naming->units)
        units_identify_radio(naming->units, radio, &who);
    pthread_mutex_unlock(&naming->lock);
    return any || who.known;
}
