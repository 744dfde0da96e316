/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit/neighbours.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool neighbours_any(const struct neighbours *neighbours)
{
    return neighbours->count > 0 || neighbours->site_count > 0;
}

static struct neighbour *find(struct neighbours *neighbours, const struct neighbour *said)
{
    for (unsigned i = 0; i < neighbours->count; i++)
        if (strcmp(neighbours->of[i].site, said->site) == 0 &&
            strcmp(neighbours->of[i].distress, said->distress) == 0)
            return &neighbours->of[i];
    return NULL;
}

/* A place; when all are taken, that of the call that was heard longest ago. */
static struct neighbour *make_room(struct neighbours *neighbours)
{
    if (neighbours->count < NEIGHBOURS_MAX)
        return &neighbours->of[neighbours->count++];
    struct neighbour *oldest = &neighbours->of[0];
    for (unsigned i = 1; i < neighbours->count; i++)
        if (neighbours->of[i].last_heard_utc_ns < oldest->last_heard_utc_ns)
            oldest = &neighbours->of[i];
    return oldest;
}

static void take_status(struct neighbours *neighbours, const char *site, bool online, unsigned broker)
{
    unsigned i = 0;
    while (i < neighbours->site_count && strcmp(neighbours->site[i].name, site) != 0)
        i++;
    if (i == NEIGHBOUR_SITES_MAX)
        return; /* that one counts as alive */
    if (i == neighbours->site_count) {
        memset(&neighbours->site[i], 0, sizeof neighbours->site[i]);
        neighbours->site_count++;
    }
    snprintf(neighbours->site[i].name, sizeof neighbours->site[i].name, "%s", site);
    uint32_t bit = UINT32_C(1) << broker;
    neighbours->site[i].heard |= bit;
    neighbours->site[i].online =
        online ? neighbours->site[i].online | bit : neighbours->site[i].online & ~bit;
}

void neighbours_take(struct neighbours *neighbours, const struct neighbour_news *news)
{
    struct neighbour *known;
    if (news->kind == NEIGHBOUR_STATUS) {
        take_status(neighbours, news->said.site, news->online, news->broker);
        return;
    }
    if (news->kind == NEIGHBOUR_NOTHING)
        return;
    known = find(neighbours, &news->said);
    bool gone = news->kind == NEIGHBOUR_GONE || distress_state_is_closed(news->said.state);
    if (gone && known)
        *known = neighbours->of[--neighbours->count];
    else if (!gone)
        *(known ? known : make_room(neighbours)) = news->said;
}

bool neighbours_is_offline(const struct neighbours *neighbours, const char *site)
{
    for (unsigned i = 0; i < neighbours->site_count; i++)
        if (strcmp(neighbours->site[i].name, site) == 0) {
            /* What a broker said that is away itself may have changed; unless nobody else says anything. */
            uint32_t heard = neighbours->site[i].heard, now = heard & neighbours->links;
            return !(neighbours->site[i].online & (now ? now : heard));
        }
    return false;
}

bool neighbours_is_same_call(const struct neighbour *other, const struct distress *own, double join_s)
{
    double apart_s = fabs((double)(other->last_heard_utc_ns - own->last_heard_utc_ns) * 1e-9);
    return other->test == own->test && strcmp(other->radio, own->radio) == 0 &&
           !distress_state_is_closed(other->state) && !distress_state_is_closed(own->state) &&
           apart_s <= join_s;
}

const struct neighbour *neighbours_elder(const struct neighbours *neighbours, const struct distress *own,
                                         const char *own_site, double join_s)
{
    const struct neighbour *elder = NULL;
    /* Documents say milliseconds. */
    int64_t first_ns = own->raised_utc_ns / 1000000 * 1000000;
    const char *site = own_site;
    for (unsigned i = 0; i < neighbours->count; i++) {
        const struct neighbour *other = &neighbours->of[i];
        bool before = other->raised_utc_ns < first_ns ||
                      (other->raised_utc_ns == first_ns && strcmp(other->site, site) < 0);
        if (!before || !other->incident[0] || !neighbours_is_same_call(other, own, join_s))
            continue;
        elder = other;
        first_ns = other->raised_utc_ns;
        site = other->site;
    }
    return elder;
}

enum answer_level answer_level_of(enum distress_state state)
{
    switch (state) {
    case DISTRESS_STATE_RAISED:
    case DISTRESS_STATE_DELIVERED:
        return ANSWER_HEARD;
    case DISTRESS_STATE_RECEIVED:
        return ANSWER_RECEIVED;
    case DISTRESS_STATE_ACKNOWLEDGED:
    case DISTRESS_STATE_RADIO_ACKED:
        return ANSWER_ACKNOWLEDGED;
    default:
        return ANSWER_NONE;
    }
}

static long tenths(double snr_db)
{
    return isfinite(snr_db) && fabs(snr_db) < 1e4 ? lround(snr_db * 10.0) : -100000;
}

static bool is_better(const struct neighbour *other, const struct distress *own, const char *own_site)
{
    if (other->reach != own->reach)
        return other->reach > own->reach;
    long theirs = tenths(other->snr_db), ours = tenths(own->snr_db);
    int64_t heard_ms = own->last_heard_utc_ns / 1000000, other_ms = other->last_heard_utc_ns / 1000000;
    if (theirs != ours)
        return theirs > ours;
    if (other_ms != heard_ms)
        return other_ms > heard_ms;
    return strcmp(other->site, own_site) < 0;
}

struct neighbour_standing neighbours_standing(const struct neighbours *neighbours, const struct distress *own,
                                              const char *own_site, enum answer_level level)
{
    struct neighbour_standing standing = {.done = NULL};
    for (unsigned i = 0; i < neighbours->count; i++) {
        const struct neighbour *other = &neighbours->of[i];
        if (strcmp(other->incident, own->incident) != 0 || other->test != own->test)
            continue;
        bool at_it = other->level >= level;
        if (at_it && other->sent && (other->reach == ANSWER_REACH_RADIO || own->reach != ANSWER_REACH_RADIO))
            standing.done = other;
        if (other->reach == ANSWER_REACH_NONE || (at_it && other->failed) ||
            neighbours_is_offline(neighbours, other->site))
            continue;
        standing.claimed = standing.claimed || (at_it && other->queued);
        if (!is_better(other, own, own_site))
            continue;
        if (answer_level_of(other->state) >= level)
            standing.ahead++;
        else
            standing.ahead_unaware++;
    }
    return standing;
}

bool neighbours_leave_it(const struct neighbours *neighbours, const struct distress *own,
                         const char *own_site, enum answer_level level, double lag_s)
{
    for (unsigned i = 0; i < neighbours->count; i++) {
        const struct neighbour *other = &neighbours->of[i];
        if (strcmp(other->incident, own->incident) != 0 || other->test != own->test)
            continue;
        bool at_it = other->level >= level;
        double behind_s = (double)(own->last_heard_utc_ns - other->last_heard_utc_ns) * 1e-9;
        bool hears = behind_s <= lag_s && !neighbours_is_offline(neighbours, other->site);
        if (at_it && other->sent && (other->confirmed || (hears && other->reach >= own->reach)))
            return false;
        if (hears && other->reach != ANSWER_REACH_NONE && !(at_it && other->failed) &&
            is_better(other, own, own_site))
            return false;
    }
    return true;
}
