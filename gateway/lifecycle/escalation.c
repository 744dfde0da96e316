/* SPDX-License-Identifier: Apache-2.0 */
#include "lifecycle/escalation.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lifecycle/centres.h"

static bool is_due(int64_t since_ns, double after_s, int64_t now_ns)
{
    return (double)(now_ns - since_ns) * 1e-9 >= after_s;
}

static bool is_told(const struct escalation *escalation, unsigned centre)
{
    return escalation->told & UINT32_C(1) << centre;
}

static void engage(struct escalation *escalation, unsigned centre, unsigned brokers, int64_t now_ns)
{
    escalation->told |= UINT32_C(1) << centre;
    escalation->centre[centre].brokers = brokers;
    escalation->centre[centre].since_ns = now_ns;
}

static void tell(struct escalation *escalation, const struct config *config, struct distress *distress,
                 unsigned centre, int64_t now_ns)
{
    engage(escalation, centre, 1, now_ns);
    if (distress->told_count < CONFIG_CENTRES_MAX)
        snprintf(distress->told[distress->told_count++], CONFIG_NAME_MAX, "%s", config->centre[centre].name);
}

static bool anybody_takes(const struct config *config, const struct centre_subject *subject)
{
    for (unsigned i = 0; i < config->centre_count; i++)
        if (centre_takes(&config->centre[i], subject))
            return true;
    return false;
}

/* May this centre be told at all? A real distress that no filter lets through goes to all but those that
 * drill. */
static bool is_candidate(const struct config *config, const struct distress *distress, unsigned centre)
{
    const struct centre_subject subject = {.kind = "distress",
                                           .unit = distress->unit,
                                           .test = distress->test,
                                           .has_place = distress->has_position,
                                           .lat_deg = distress->position.lat_deg,
                                           .lon_deg = distress->position.lon_deg};
    if (anybody_takes(config, &subject) || distress->test)
        return centre_takes(&config->centre[centre], &subject);
    return config->centre[centre].tests != TESTS_ONLY;
}

/* The centres of the best priority that have not been told; how many. */
static unsigned tell_next(struct escalation *escalation, const struct config *config,
                          struct distress *distress, int64_t now_ns)
{
    unsigned best = UINT_MAX, count = 0;
    for (unsigned i = 0; i < config->centre_count; i++)
        if (!is_told(escalation, i) && is_candidate(config, distress, i) && config->centre[i].priority < best)
            best = config->centre[i].priority;
    for (unsigned i = 0; i < config->centre_count; i++) {
        if (is_told(escalation, i) || config->centre[i].priority != best ||
            !is_candidate(config, distress, i))
            continue;
        tell(escalation, config, distress, i, now_ns);
        count++;
    }
    if (count > 0)
        escalation->group_ns = now_ns;
    return count;
}

/* -1 = no such centre any more. */
static int find_centre(const struct config *config, const char *name)
{
    for (unsigned i = 0; i < config->centre_count; i++)
        if (strcmp(config->centre[i].name, name) == 0)
            return (int)i;
    return -1;
}

void escalation_begin(struct escalation *escalation, const struct config *config, struct distress *distress,
                      int64_t now_ns)
{
    *escalation = (struct escalation){.group_ns = now_ns, .alarm_ns = now_ns};
    for (unsigned i = 0; i < distress->told_count; i++) {
        int centre = find_centre(config, distress->told[i]);
        escalation->lost_a_centre = escalation->lost_a_centre || centre < 0;
        /* which of its brokers had it is not known: all */
        if (centre >= 0)
            engage(escalation, (unsigned)centre, CONFIG_BROKERS_MAX, now_ns);
    }
    if (distress->state >= DISTRESS_STATE_DELIVERED)
        escalation->delivered = centres_all_brokers(config);
    if (escalation->told == 0 && !distress_state_is_closed(distress->state))
        (void)tell_next(escalation, config, distress,
                        now_ns); /* none: there are no centres, or none drills */
}

void escalation_resume(struct escalation *escalation, const struct config *config, struct distress *distress,
                       int64_t now_ns)
{
    const struct escalation before = *escalation;
    unsigned told = distress->told_count;
    escalation_begin(escalation, config, distress, now_ns);
    escalation->delivered |= before.delivered;
    escalation->alarm_ns = before.alarm_ns;
    if (distress->told_count == told) /* else somebody new has just been told */
        escalation->group_ns = before.group_ns;
}

uint32_t escalation_brokers(const struct escalation *escalation, const struct config *config,
                            const struct distress *distress)
{
    uint32_t brokers = centres_free_brokers(config);
    for (unsigned i = 0; i < config->centre_count; i++)
        if (is_told(escalation, i))
            brokers |= centre_brokers(config, &config->centre[i], escalation->centre[i].brokers);
    if (escalation->lost_a_centre || (brokers == 0 && !distress->test))
        brokers = centres_all_brokers(config);
    return brokers;
}

void escalation_delivered(struct escalation *escalation, unsigned broker)
{
    escalation->delivered |= UINT32_C(1) << broker;
}

/* A centre whose brokers stay silent gets its next one. *stuck: every centre told has used up its own. */
static unsigned widen_brokers(struct escalation *escalation, const struct config *config, int64_t now_ns,
                              bool *stuck, char why[ESCALATION_WHY_MAX])
{
    unsigned due = 0;
    *stuck = escalation->told != 0;
    for (unsigned i = 0; i < config->centre_count; i++) {
        const struct config_centre *centre = &config->centre[i];
        unsigned *used = &escalation->centre[i].brokers;
        if (!is_told(escalation, i))
            continue;
        bool delivered = centre_brokers(config, centre, *used) & escalation->delivered;
        if (delivered || !is_due(escalation->centre[i].since_ns, centre->deliver_s, now_ns)) {
            *stuck = false;
        } else if (*used < centre_broker_count(config, centre)) {
            *stuck = false;
            (*used)++;
            escalation->centre[i].since_ns = now_ns;
            due = ESCALATION_TELL;
            snprintf(why, ESCALATION_WHY_MAX, "%s: not delivered in %.0f s, its next broker", centre->name,
                     centre->deliver_s);
        }
    }
    return due;
}

/* The shortest patience of those who were told. */
static double patience_s(const struct escalation *escalation, const struct config *config, bool receive)
{
    double least_s = INFINITY;
    for (unsigned i = 0; i < config->centre_count; i++)
        if (is_told(escalation, i))
            least_s = fmin(least_s, receive ? config->centre[i].receive_s : config->centre[i].acknowledge_s);
    return isfinite(least_s) ? least_s : ESCALATION_ACKNOWLEDGE_S;
}

static unsigned tell_everybody(struct escalation *escalation, const struct config *config,
                               struct distress *distress, int64_t now_ns)
{
    while (tell_next(escalation, config, distress, now_ns) > 0)
        ; /* each turn tells at least one of CONFIG_CENTRES_MAX */
    for (unsigned i = 0; i < config->centre_count; i++)
        if (is_told(escalation, i))
            escalation->centre[i].brokers = CONFIG_BROKERS_MAX;
    return ESCALATION_TELL | (distress->test ? 0 : ESCALATION_ALARM); /* no siren for a drill */
}

unsigned escalation_tick(struct escalation *escalation, const struct config *config,
                         struct distress *distress, int64_t now_ns, char why[ESCALATION_WHY_MAX])
{
    bool stuck, louder = false;
    bool pointless = config->centre_count == 0 &&
                     !config->distress.alarm_command[0]; /* nobody to tell, nothing to sound */
    bool silent_drill = distress->test && distress->level >= ESCALATION_TEST_LEVELS;
    if (distress->state >= DISTRESS_STATE_ACKNOWLEDGED || pointless || silent_drill)
        return 0;
    unsigned due = widen_brokers(escalation, config, now_ns, &stuck, why);
    double receive_s = patience_s(escalation, config, true),
           acknowledge_s = patience_s(escalation, config, false);
    bool silent = is_due(escalation->group_ns, receive_s, now_ns);
    if (distress->state < DISTRESS_STATE_RECEIVED && (stuck || silent) &&
        tell_next(escalation, config, distress, now_ns) > 0) {
        due |= ESCALATION_TELL;
        louder = true;
        snprintf(why, ESCALATION_WHY_MAX, "%s: the next centres are told",
                 silent ? "no centre received it in time" : "no broker of the centres told so far took it");
    }
    if (is_due(escalation->alarm_ns, acknowledge_s, now_ns)) {
        escalation->alarm_ns = now_ns;
        louder = true;
        due |= tell_everybody(escalation, config, distress, now_ns);
        snprintf(why, ESCALATION_WHY_MAX, "nobody acknowledged it in %.0f s: everybody is told",
                 acknowledge_s);
    }
    if (louder && distress->level < DISTRESS_LEVEL_MAX - 1)
        distress->level++;
    return due;
}
