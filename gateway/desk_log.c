/* SPDX-License-Identifier: Apache-2.0 */
/* The desk's lines in the audit log, and the order in which a new incident comes to disk: object, line,
 * publication. */
#include <stdio.h>

#include "atalaya/gateway/log.h"
#include "desk_private.h"

static void note_mark(struct distress *distress, const struct audit_mark *mark)
{
    distress->audit_line = mark->line;
    snprintf(distress->audit_hash, sizeof distress->audit_hash, "%s", mark->hash);
}

/* Where the lines of open incidents begin in the audit log. */
static uint64_t first_open_line(const struct desk *desk)
{
    uint64_t first = UINT64_MAX;
    for (unsigned i = 0; i < desk->count; i++)
        if (!distress_state_is_closed(desk->incident[i].distress.state) &&
            desk->incident[i].first_line < first)
            first = desk->incident[i].first_line;
    return first;
}

static void write_line(struct desk *desk, struct distress *distress, const struct distress_step *step,
                       const struct clock_quality *clock, const char *event, const char *detail)
{
    struct audit_mark mark;
    const struct audit_entry entry = {.distress = distress->id,
                                      .incident = distress->incident,
                                      .unit = distress->unit,
                                      .event = event,
                                      .by = step->by,
                                      .through = step->through,
                                      .detail = detail,
                                      .test = distress->test,
                                      .utc_ns = step->utc_ns,
                                      .clock = *clock};
    audit_keep_from(desk->setting.audit, first_open_line(desk));
    (void)audit_append(desk->setting.audit, &entry, &mark); /* says itself when it fails */
    note_mark(distress, &mark);
}

void desk_write_audit(struct desk *desk, struct distress *distress, const struct distress_step *step,
                      const char *event, const char *detail)
{
    struct site_facts facts;
    if (!desk->setting.audit)
        return;
    site_facts(desk->setting.maker->site, &facts);
    write_line(desk, distress, step, &facts.clock, event, detail);
}

/* The line of the first step. What a later run writes for an earlier one cannot know any more how good the
 * clock was. */
static void log_raise(struct desk *desk, struct incident *incident, const struct clock_quality *clock)
{
    struct distress *distress = &incident->distress;
    const struct distress_step *step = &distress->history[0];
    char detail[3 * CONFIG_TEXT_MAX];
    snprintf(detail, sizeof detail, "%s; %s", distress->radio, distress->reason);
    incident->first_line = audit_last(desk->setting.audit).line + 1;
    write_line(desk, distress, step, clock, distress_state_text(step->state), detail);
}

void desk_raise(struct desk *desk, struct incident *incident)
{
    struct site_facts facts;
    site_facts(desk->setting.maker->site, &facts);
    if (desk->setting.audit) {
        incident->unlogged = true;
        incident->logged_after = audit_last(desk->setting.audit).line;
        desk_keep(desk, incident);
        log_raise(desk, incident, &facts.clock);
        incident->unlogged = false;
    }
    desk_store(desk, incident);
}

void desk_finish_raise(struct desk *desk, struct incident *incident)
{
    struct distress *distress = &incident->distress;
    const struct clock_quality then = {.source = distress->history[0].time_source, .error_ns = -1};
    if (desk->setting.audit) {
        const struct audit_mark last = audit_last(desk->setting.audit);
        note_mark(distress, &last);
        incident->first_line = incident->logged_after + 1;
        if (last.line == incident->logged_after)
            log_raise(desk, incident, &then);
    }
    incident->unlogged = false;
    log_warning("%s %s raised by %s (%s) before the last end of this program, which did not come to send it",
                distress->test ? "TEST distress" : "DISTRESS", distress->id, distress->unit,
                distress->reason);
}
