/* SPDX-License-Identifier: Apache-2.0 */
/* Who has a distress, and who must be told next. */
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "desk_private.h"

/* How often a distress is said again at a broker that had nobody to give it to: whoever subscribes then hears
 * it from the retained copy, but only so does the site learn of it. */
static const double unheard_again_s = 30.0;

static bool contains(const int64_t *ids, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

void desk_delivered(struct desk *desk, unsigned broker, const int64_t *ids, size_t count)
{
    for (unsigned i = 0; i < desk->count; i++) {
        struct incident *incident = &desk->incident[i];
        if (!contains(ids, count, incident->item_id))
            continue;
        escalation_delivered(&incident->escalation, broker);
        struct distress_step step =
            desk_step_now(desk, DISTRESS_STATE_DELIVERED, desk->setting.config->broker[broker].name, "mqtt");
        if (desk_advance(desk, &incident->distress, &step, NULL) >= DISTRESS_STEP_NOTED)
            desk_store(desk, incident);
    }
}

void desk_unheard(struct desk *desk, unsigned broker, const int64_t *ids, size_t count)
{
    for (unsigned i = 0; i < desk->count; i++) {
        struct incident *incident = &desk->incident[i];
        if (!contains(ids, count, incident->item_id) || incident->unheard)
            continue;
        incident->unheard = true;
        if (incident->distress.state == DISTRESS_STATE_RAISED)
            log_warning("distress %s: broker %s took it, but nobody listens there", incident->distress.id,
                        desk->setting.config->broker[broker].name);
    }
}

static void escalate(struct desk *desk, struct incident *incident, int64_t now_ns)
{
    struct distress *distress = &incident->distress;
    char why[ESCALATION_WHY_MAX] = "";
    unsigned due = escalation_tick(&incident->escalation, desk->setting.config, distress, now_ns, why);
    if (due == 0)
        return;
    struct distress_step step = desk_step_now(desk, distress->state, desk->setting.maker->site_id, "");
    log_warning("distress %s of %s: %s", distress->id, distress->unit, why);
    desk_write_audit(desk, distress, &step, "escalated", why);
    desk_store(desk, incident);
    if (due & ESCALATION_ALARM && desk->setting.alarm)
        desk->setting.alarm(desk->setting.context, distress);
}

bool desk_tick(struct desk *desk, int64_t now_ns)
{
    bool news = desk_read_late(desk, now_ns);
    for (unsigned i = 0; i < desk->count; i++) {
        struct incident *incident = &desk->incident[i];
        int64_t before_id = incident->item_id;
        escalate(desk, incident, now_ns);
        bool waits = incident->unheard && incident->distress.state == DISTRESS_STATE_RAISED;
        if (waits && (double)(now_ns - incident->stored_ns) * 1e-9 >= unheard_again_s)
            desk_store(desk, incident);
        news = news || incident->item_id != before_id;
    }
    return news;
}

void desk_configured(struct desk *desk)
{
    for (unsigned i = 0; i < desk->count; i++)
        escalation_begin(&desk->incident[i].escalation, desk->setting.config, &desk->incident[i].distress,
                         clock_mono_ns());
}
