/* SPDX-License-Identifier: Apache-2.0 */
/* What other parts of the gateway add to an incident: the answer to its radio, and what other sites call it.
 */
#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/log.h"
#include "desk_private.h"

static struct incident *find(struct desk *desk, const char *id)
{
    for (unsigned i = 0; i < desk->count; i++)
        if (strcmp(desk->incident[i].distress.id, id) == 0)
            return &desk->incident[i];
    return NULL;
}

void desk_visit(struct desk *desk, void (*each)(void *context, const struct distress *distress),
                void *context)
{
    for (unsigned i = 0; i < desk->count; i++)
        each(context, &desk->incident[i].distress);
}

void desk_answer(struct desk *desk, const char *id, const struct distress_answer *answer, const char *event,
                 const char *detail)
{
    struct incident *incident = find(desk, id);
    if (!incident)
        return;
    incident->distress.answer = *answer;
    if (event) {
        struct distress_step step = desk_step_now(desk, incident->distress.state, answer->site, "");
        desk_write_audit(desk, &incident->distress, &step, event, detail);
    }
    if (distress_state_is_closed(incident->distress.state))
        desk_keep(desk, incident);
    else
        desk_store(desk, incident);
}

void desk_join(struct desk *desk, const char *id, const char *name, const char *site)
{
    struct incident *incident = find(desk, id);
    if (!incident)
        return;
    char detail[2 * DISTRESS_INCIDENT_MAX + 16];
    struct distress_step step = desk_step_now(desk, incident->distress.state, site, "");
    snprintf(detail, sizeof detail, "%s, was %s", name, incident->distress.incident);
    snprintf(incident->distress.incident, sizeof incident->distress.incident, "%s", name);
    desk_write_audit(desk, &incident->distress, &step, "joined", detail);
    log_notice("distress %s is the call that site %s heard too: incident %s", id, site, name);
    desk_store(desk, incident);
}
