/* SPDX-License-Identifier: Apache-2.0 */
/* Who has a distress, and who must be told next. */
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "desk_private.h"

/* How often a distress is said again at a broker that had nobody to give it to: whoever subscribes then hears
 * it from the retained copy, but only so does the site learn of it. */
static const double unheard_again_s = 30.0;

/* And when the spool had no room for it. */
static const double unsent_again_s = 10.0;

/* What a broker retains is put right at most so often: the way to it may come and go. */
static const double put_right_again_s = 600.0;

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
        incident->taken |= UINT32_C(1) << broker;
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
        if (!contains(ids, count, incident->item_id))
            continue;
        incident->taken |= UINT32_C(1) << broker;
        if (incident->unheard)
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
    incident->alarm_waits = incident->alarm_waits || due & ESCALATION_ALARM;
}

static void sound(struct desk *desk, struct incident *incident)
{
    bool answered = incident->distress.state >= DISTRESS_STATE_ACKNOWLEDGED;
    if (!incident->alarm_waits)
        return;
    incident->alarm_waits =
        !answered && desk->setting.alarm && !desk->setting.alarm(desk->setting.context, &incident->distress);
}

/* What has not been taken yet waits in the spool and comes by itself; so nothing is said a third time before
 * it was taken, however often a broker hangs up. */
static bool put_right(struct desk *desk, unsigned broker, int64_t now_ns)
{
    bool any = false;
    desk->say_again_ns[broker] = 0;
    for (unsigned i = 0; i < desk->count; i++) {
        if (!(desk->incident[i].taken & UINT32_C(1) << broker))
            continue;
        desk_say_again(desk, &desk->incident[i]);
        any = true;
    }
    if (any)
        desk->said_again_ns[broker] = now_ns;
    return any;
}

/* At once, before it takes anything in this connection: what it took in an earlier one is what it should
 * have. */
void desk_connected(struct desk *desk, unsigned broker, bool remembered)
{
    int64_t now_ns = clock_mono_ns(), said_ns = desk->said_again_ns[broker];
    int64_t not_before_ns = remembered && said_ns ? said_ns + (int64_t)(put_right_again_s * 1e9) : now_ns;
    if (not_before_ns > now_ns)
        desk->say_again_ns[broker] = not_before_ns;
    else
        (void)put_right(desk, broker, now_ns);
}

bool desk_is_unread(const struct desk *desk)
{
    return desk->unread;
}

bool desk_tick(struct desk *desk, int64_t now_ns)
{
    bool news = desk_read_late(desk, now_ns);
    for (unsigned b = 0; b < desk->setting.config->broker_count; b++)
        if (desk->say_again_ns[b] && now_ns >= desk->say_again_ns[b])
            news |= put_right(desk, b, now_ns);
    for (unsigned i = 0; i < desk->count; i++) {
        struct incident *incident = &desk->incident[i];
        int64_t before_id = incident->item_id;
        escalate(desk, incident, now_ns);
        sound(desk, incident);
        bool waits = incident->unheard && incident->distress.state == DISTRESS_STATE_RAISED;
        double again_s = incident->unsent ? unsent_again_s : unheard_again_s;
        if ((waits || incident->unsent) && (double)(now_ns - incident->stored_ns) * 1e-9 >= again_s)
            desk_store(desk, incident);
        news = news || incident->item_id != before_id;
    }
    return news;
}

static bool is_units(const struct desk *desk, const struct distress *distress, const char *radio)
{
    struct unit_identity who;
    units_identify_radio(desk->setting.units, radio, &who);
    return strcmp(who.name, distress->unit) == 0;
}

/* Radios that are not its unit's any more: what they were told, it was not. */
static void forget_others(const struct desk *desk, struct distress *distress)
{
    if (distress->other_radio[0] && !is_units(desk, distress, distress->other_radio)) {
        distress->other_radio[0] = '\0';
        distress->other_called_last = false;
    }
    if (distress->answer.radio[0] && !is_units(desk, distress, distress->answer.radio))
        distress->answer = (struct distress_answer){.level = ANSWER_NONE};
}

/* Whose radio it is by now. Whom the registry does not know any more keeps his name: people look for him. */
static bool name_anew(struct desk *desk, struct incident *incident)
{
    struct distress *distress = &incident->distress;
    struct unit_identity who;
    char detail[2 * CONFIG_TEXT_MAX + 16];
    if (!desk->setting.units)
        return false;
    units_identify_radio(desk->setting.units, distress->radio, &who);
    if (!who.known || (strcmp(who.name, distress->unit) == 0 && strcmp(who.crew, distress->crew) == 0))
        return false;
    snprintf(detail, sizeof detail, "%s, was %s", who.name, distress->unit);
    log_notice("distress %s: %s is %s now", distress->id, distress->radio, detail);
    snprintf(distress->unit, sizeof distress->unit, "%s", who.name);
    snprintf(distress->crew, sizeof distress->crew, "%s", who.crew);
    distress->unit_known = true;
    forget_others(desk, distress);
    struct distress_step step = desk_step_now(desk, distress->state, desk->setting.maker->site_id, "");
    desk_write_audit(desk, distress, &step, "renamed", detail);
    return true;
}

bool desk_resume(struct desk *desk, struct incident *incident)
{
    const struct config *config = desk->setting.config;
    bool closed = distress_state_is_closed(incident->distress.state),
         news = !closed && name_anew(desk, incident);
    escalation_resume(&incident->escalation, config, &incident->distress, clock_mono_ns());
    uint32_t brokers = escalation_brokers(&incident->escalation, config, &incident->distress);
    return news || (!closed && brokers & ~incident->shown);
}

void desk_configured(struct desk *desk, const struct units *units)
{
    desk->setting.units = units;
    for (unsigned i = 0; i < desk->count; i++)
        if (desk_resume(desk, &desk->incident[i]))
            desk_store(desk, &desk->incident[i]);
}
