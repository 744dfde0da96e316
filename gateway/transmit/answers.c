/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "desk.h"
#include "transmit/answer_way.h"

/* Documents of other sites need a moment: after a call before anybody answers it, after the start of the
 * program before it knows of the others, and after an acknowledgement for a better placed site to get it too.
 */
#define SETTLE_S  2.0
#define UNAWARE_S 2.0
enum { AGAIN_S = 30, LIFE_S = 600, LAG_S = 60 };
/* What another radio of the unit sends, a beacon every 50 s, does not say that the one that was told has not
 * heard: then it is said again now and then, for who has not listened. */
enum { ANOTHER_AGAIN_S = 300 };

/* What must be remembered of an incident besides the incident. */
struct memory {
    char distress[DISTRESS_ID_MAX];
    enum answer_level level;    /* that may be said */
    int64_t first_ns, since_ns; /* it is known here; that level is */
    int64_t told_ns;            /* this site gave an errand, or knows of the call */
    unsigned told_heard;        /* hearings up to then */
    enum answer_reach told_reach;
    bool called_on;   /* the radio that was told, since then */
    int64_t again_ns; /* after a failure not before; 0 = at once */
    int64_t look_ns;  /* when it is seen again whether this site reaches the radio */
    bool seen;        /* in this turn */
};

struct answers {
    struct answers_setting setting;
    struct neighbours neighbours;
    int64_t started_ns, now_ns;
    unsigned count;
    struct memory memory[DISTRESS_OPEN_MAX];
};

enum atalaya_result answers_create(const struct answers_setting *setting, struct answers **answers)
{
    struct answers *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->setting = *setting;
    made->started_ns = clock_mono_ns();
    *answers = made;
    return ATALAYA_OK;
}

void answers_neighbour(struct answers *answers, const struct neighbour_news *news)
{
    neighbours_take(&answers->neighbours, news);
}

void answers_links(struct answers *answers, uint32_t links)
{
    answers->neighbours.links = links;
}

static const char *text_of(const struct config_answer *answer, enum answer_level level)
{
    return level == ANSWER_HEARD      ? answer->heard_text
           : level == ANSWER_RECEIVED ? answer->received_text
                                      : answer->acknowledged_text;
}

static void find_way(const struct answers *answers, const struct distress *distress, enum answer_level level,
                     struct answer_way *found)
{
    answer_way_find(answers->setting.routes, distress, level,
                    text_of(&answers->setting.config->answer, level), found);
}

enum answer_reach answers_reach(const struct answers *answers, const struct distress *distress)
{
    struct answer_way found = {.reach = ANSWER_REACH_NONE};
    if (answers)
        find_way(answers, distress, ANSWER_ACKNOWLEDGED, &found);
    return found.reach;
}

static struct memory *remember(struct answers *answers, const struct distress *distress)
{
    struct memory *memory = NULL;
    for (unsigned i = 0; i < answers->count && !memory; i++)
        if (strcmp(answers->memory[i].distress, distress->id) == 0)
            memory = &answers->memory[i];
    if (!memory && answers->count == DISTRESS_OPEN_MAX)
        return NULL;
    if (!memory) {
        memory = &answers->memory[answers->count++];
        *memory =
            (struct memory){.first_ns = answers->now_ns,
                            .told_ns = answers->now_ns,
                            .told_heard = distress->heard,
                            .told_reach = ANSWER_REACH_RADIO}; /* who was told before a restart was told */
        memcpy(memory->distress, distress->id, sizeof memory->distress);
    }
    enum answer_level level = answer_level_of(distress->state);
    if (memory->level != level)
        memory->since_ns = answers->now_ns;
    memory->level = level;
    memory->seen = true;
    return memory;
}

static bool is_wanted(const struct config_answer *answer, enum answer_level level)
{
    return (level == ANSWER_HEARD && answer->heard) || (level == ANSWER_RECEIVED && answer->received) ||
           (level == ANSWER_ACKNOWLEDGED && answer->acknowledged);
}

/* The highest that the incident allows and the site wants. A state below it was passed by: whoever skips it
 * has better news. */
static enum answer_level wanted_level(const struct answers *answers, const struct memory *memory)
{
    return is_wanted(&answers->setting.config->answer, memory->level) ? memory->level : ANSWER_NONE;
}

/* What the audit log says of it: the level, and whom it is told if that is not the radio that raised it. */
static const char *told_text(const struct distress_answer *answer, char text[static CONFIG_TEXT_MAX + 32])
{
    snprintf(text, CONFIG_TEXT_MAX + 32, "%s%s%s", answer_level_text(answer->level),
             answer->radio[0] ? ", to " : "", answer->radio);
    return text;
}

static void fill_order(struct errand_order *order, const struct config_answer *settings,
                       const struct distress *distress, enum answer_level level, const struct way *way)
{
    *order = (struct errand_order){.what = answer_what(level),
                                   .priority = TRANSMIT_DISTRESS,
                                   .way = *way,
                                   .life_s = LIFE_S,
                                   .repeats = settings->repeats,
                                   .repeat_s = settings->repeat_s};
    snprintf(order->text, sizeof order->text, "%s%s", distress->test ? "TEST: " : "",
             text_of(settings, level));
    snprintf(order->subject, sizeof order->subject, "%s", distress->id);
}

/* What was said before is no longer the news; but the same news for another radio must not end what is being
 * said to the first, if it cannot be said. */
static void give_errand(struct answers *answers, struct memory *memory, const struct distress *distress,
                        enum answer_level level)
{
    struct distress_answer answer = {.level = level};
    struct errand_order order;
    struct answer_way found;
    char id[DISTRESS_ID_MAX], told[CONFIG_TEXT_MAX + 32];
    memcpy(id, distress->id, sizeof id);
    memory->told_ns = answers->now_ns;
    memory->told_heard = distress->heard;
    memory->called_on = false;
    find_way(answers, distress, level, &found);
    if (found.reach == ANSWER_REACH_NONE)
        return;
    const struct distress_answer *before = &distress->answer;
    bool said = before->level == level && (before->sent || before->queued),
         same = strcmp(before->radio, found.radio) == 0, again = said && before->sent && same;
    if (again) /* what was sent stays sent */
        answer = *before;
    memcpy(answer.radio, found.radio, sizeof answer.radio);
    snprintf(answer.site, sizeof answer.site, "%s", answers->setting.site);
    fill_order(&order, &answers->setting.config->answer, distress, level, &found.way);
    if (!said)
        errands_drop(answers->setting.errands, id);
    enum atalaya_result result = errands_replace(answers->setting.errands, &order);
    answer.queued = result == ATALAYA_OK;
    if (said && !same && !answer.queued)
        return;
    memory->told_reach = found.reach;
    if (result == ATALAYA_E_UNSUPPORTED || result == ATALAYA_E_ARGUMENT)
        snprintf(answer.result, sizeof answer.result, "%s", transmit_result_text(TRANSMIT_REFUSED));
    else if (result != ATALAYA_OK) {
        snprintf(answer.result, sizeof answer.result, "%s",
                 transmit_result_text(result == ATALAYA_E_FULL ? TRANSMIT_QUEUE_FULL : TRANSMIT_DEVICE_LOST));
        memory->again_ns = answers->now_ns + AGAIN_S * INT64_C(1000000000);
    }
    const char *event = !answer.queued ? "answer failed" : again ? "answer repeated" : "answer queued";
    desk_answer(answers->setting.desk, id, &answer, event,
                answer.queued ? told_text(&answer, told) : answer.result);
}

static void leave_to(struct answers *answers, struct memory *memory, const struct distress *distress,
                     enum answer_level level, const struct neighbour *other)
{
    struct distress_answer answer = {.level = level};
    char id[DISTRESS_ID_MAX];
    memcpy(id, distress->id, sizeof id);
    snprintf(answer.site, sizeof answer.site, "%s", other->site);
    memory->told_ns = answers->now_ns;
    memory->told_heard = distress->heard;
    memory->called_on = false;
    errands_drop(answers->setting.errands, id);
    desk_answer(answers->setting.desk, id, &answer, "answered by another site", answer_level_text(level));
}

/* How long after the level was reached is it this site's turn? */
static double patience_s(const struct answers *answers, const struct neighbour_standing *standing)
{
    double silence_s = answers->setting.config->answer.silence_s;
    if (standing->claimed && standing->ahead == 0)
        return silence_s;
    double wait_s = standing->ahead * silence_s;
    return standing->ahead_unaware > 0 && wait_s < UNAWARE_S ? UNAWARE_S : wait_s;
}

/* Nothing more is to be done for that level: it was said, or waits to be said, or another site has said it,
 * or this radio cannot be told so. What a restart has lost is said again. */
static bool is_settled(const struct answers *answers, const struct distress *distress,
                       enum answer_level level)
{
    const struct distress_answer *answer = &distress->answer;
    if (answer->level < level || !answer->site[0])
        return false;
    bool own = strcmp(answer->site, answers->setting.site) == 0;
    bool refused = strcmp(answer->result, transmit_result_text(TRANSMIT_REFUSED)) == 0;
    return !own || answer->sent || refused;
}

/* It has been given to a transmitter. */
static bool is_waiting(const struct answers *answers, const struct distress *distress,
                       enum answer_level level)
{
    return distress->answer.level >= level && errands_has(answers->setting.errands, distress->id);
}

/* Told by this site, and yet the radio calls on: it has not heard it. One that confirmed it may call as it
 * likes. */
static bool calls_on(const struct answers *answers, const struct memory *memory,
                     const struct distress *distress, enum answer_level level)
{
    const struct distress_answer *answer = &distress->answer;
    int64_t again_s = memory->called_on ? AGAIN_S : ANOTHER_AGAIN_S;
    return answer->level == level && answer->sent && !answer->confirmed &&
           distress->heard > memory->told_heard &&
           answers->now_ns - memory->told_ns > again_s * INT64_C(1000000000) &&
           strcmp(answer->site, answers->setting.site) == 0 && !is_waiting(answers, distress, level);
}

/* One radio of the unit was told, and another can be that called last, or that is nearer to who called. */
static bool is_misdirected(const struct answers *answers, const struct memory *memory,
                           const struct distress *distress, enum answer_level level)
{
    const struct distress_answer *answer = &distress->answer;
    struct answer_way found;
    bool refused = strcmp(answer->result, transmit_result_text(TRANSMIT_REFUSED)) == 0,
         nearer = distress->reach > memory->told_reach;
    int64_t pause_s = answer->confirmed ? ANOTHER_AGAIN_S : AGAIN_S;
    if (answer->level != level || !(answer->sent || answer->queued || refused) ||
        (!nearer && answer_is_for_caller(distress)) || strcmp(answer->site, answers->setting.site) != 0 ||
        answers->now_ns - memory->told_ns <= pause_s * INT64_C(1000000000))
        return false;
    find_way(answers, distress, level, &found);
    return (nearer || found.reach == ANSWER_REACH_RADIO) && strcmp(found.radio, answer->radio) != 0;
}

/* Told by another site that is gone since, or does not hear it any more, and it calls on here. */
static bool is_left_alone(const struct answers *answers, const struct memory *memory,
                          const struct distress *distress, enum answer_level level)
{
    const struct distress_answer *answer = &distress->answer;
    return answer->level >= level && answer->site[0] && strcmp(answer->site, answers->setting.site) != 0 &&
           distress->heard > memory->told_heard &&
           answers->now_ns - memory->told_ns > AGAIN_S * INT64_C(1000000000) &&
           neighbours_leave_it(&answers->neighbours, distress, answers->setting.site, level, LAG_S);
}

/* This site was saying it again and again until the radio confirms it, when the program ended. */
static bool is_interrupted(const struct answers *answers, const struct distress *distress,
                           enum answer_level level)
{
    const struct distress_answer *answer = &distress->answer;
    return answer->level == level && answer->sent && answer->queued && !answer->confirmed &&
           strcmp(answer->site, answers->setting.site) == 0 && !is_waiting(answers, distress, level);
}

static void answer(struct answers *answers, struct memory *memory, const struct distress *distress)
{
    enum answer_level level = wanted_level(answers, memory);
    if (level == ANSWER_NONE || distress->reach == ANSWER_REACH_NONE)
        return;
    memory->called_on =
        memory->called_on || (distress->heard > memory->told_heard && answer_is_for_caller(distress));
    if (calls_on(answers, memory, distress, level) || is_left_alone(answers, memory, distress, level) ||
        is_interrupted(answers, distress, level) || is_misdirected(answers, memory, distress, level)) {
        give_errand(answers, memory, distress, level);
        return;
    }
    if (is_settled(answers, distress, level))
        return;
    struct neighbour_standing standing =
        neighbours_standing(&answers->neighbours, distress, answers->setting.site, level);
    if (standing.done) {
        leave_to(answers, memory, distress, level, standing.done);
        return;
    }
    double known_s = (double)(answers->now_ns - memory->first_ns) * 1e-9,
           level_s = (double)(answers->now_ns - memory->since_ns) * 1e-9;
    if (answers->now_ns < memory->again_ns || is_waiting(answers, distress, level))
        return;
    bool alone = !neighbours_any(&answers->neighbours) &&
                 answers->now_ns - answers->started_ns > (int64_t)(SETTLE_S * 1e9);
    if ((!alone && known_s < SETTLE_S) || level_s < patience_s(answers, &standing))
        return;
    give_errand(answers, memory, distress, level);
}

/* It is over: what waited to be said is not said any more. */
static void drop_answer(struct answers *answers, const struct distress *distress)
{
    struct distress_answer answer = distress->answer;
    if (!errands_has(answers->setting.errands, distress->id))
        return;
    errands_drop(answers->setting.errands, distress->id);
    answer.queued = false;
    desk_answer(answers->setting.desk, distress->id, &answer, "answer dropped",
                distress_state_text(distress->state));
}

static void look(void *context, const struct distress *distress)
{
    struct answers *answers = context;
    if (distress_state_is_closed(distress->state)) {
        drop_answer(answers, distress);
        return;
    }
    struct memory *memory = remember(answers, distress);
    const struct neighbour *elder = neighbours_elder(&answers->neighbours, distress, answers->setting.site,
                                                     answers->setting.config->distress.windows.join_s);
    if (elder && strcmp(elder->incident, distress->incident) != 0)
        desk_join(answers->setting.desk, distress->id, elder->incident, elder->site);
    if (!memory)
        return;
    if (answers->now_ns >= memory->look_ns) {
        memory->look_ns = answers->now_ns + INT64_C(1000000000);
        if (answers_reach(answers, distress) !=
            distress->reach) /* it was loaded, or a radio went elsewhere */
            desk_answer(answers->setting.desk, distress->id, &distress->answer, NULL, NULL);
    }
    answer(answers, memory, distress);
}

void answers_tick(struct answers *answers, int64_t now_ns)
{
    answers->now_ns = now_ns;
    for (unsigned i = 0; i < answers->count; i++)
        answers->memory[i].seen = false;
    desk_visit(answers->setting.desk, look, answers);
    for (unsigned i = 0; i < answers->count;)
        if (answers->memory[i].seen)
            i++;
        else
            answers->memory[i] = answers->memory[--answers->count];
}

static void was_keyed(struct answers *answers, const struct distress *distress,
                      const struct errand_order *order)
{
    char by[CONFIG_TEXT_MAX], id[DISTRESS_ID_MAX];
    const struct distress *after;
    const struct config_transmitter *transmitter =
        &answers->setting.config->transmitter[order->way.transmitter];
    memcpy(id, distress->id, sizeof id);
    snprintf(by, sizeof by, "%s", answers->setting.site);
    const struct desk_order step = {.distress = id,
                                    .state = DISTRESS_STATE_RADIO_ACKED,
                                    .by = by,
                                    .through =
                                        order->way.kind == WAY_BASE_RADIO ? "base radio" : transmitter->name};
    (void)desk_step(answers->setting.desk, &step, &after); /* refused when it was closed meanwhile: right */
}

void answers_told(struct answers *answers, const struct errand_news *news)
{
    const struct errand_order *order = news->order;
    const struct distress *distress = desk_find(answers->setting.desk, order->subject);
    if (!distress)
        return;
    struct distress_answer answer = distress->answer;
    bool first = news->sent && !answer.sent, confirmed = news->confirmed && !answer.confirmed;
    answer.queued = news->queued && !news->final;
    answer.sent = answer.sent || news->sent;
    if (news->sent || news->final || (news->waits && !answer.sent))
        snprintf(answer.result, sizeof answer.result, "%s", transmit_result_text(news->result));
    if (first)
        answer.sent_utc_ns = news->sent_mono_ns ? clock_utc_of_mono(news->sent_mono_ns) : clock_utc_ns();
    if (confirmed) {
        answer.confirmed = true;
        answer.confirmed_utc_ns = clock_utc_ns();
    }
    const char *event = confirmed                          ? "radio confirmed"
                        : first                            ? "answer sent"
                        : news->final && !news->sent       ? "answer failed"
                        : news->final && !answer.confirmed ? "radio silent"
                        : news->waits && !answer.sent      ? "answer waits"
                                                           : NULL;
    char told[CONFIG_TEXT_MAX + 32];
    enum answer_level level = answer.level;
    if (news->final && !news->sent)
        for (unsigned i = 0; i < answers->count; i++)
            if (strcmp(answers->memory[i].distress, order->subject) == 0)
                answers->memory[i].again_ns = clock_mono_ns() + AGAIN_S * INT64_C(1000000000);
    desk_answer(answers->setting.desk, order->subject, &answer, event,
                first || confirmed ? told_text(&answer, told) : answer.result);
    if (first && level == ANSWER_ACKNOWLEDGED)
        was_keyed(answers, distress, order);
}

void answers_destroy(struct answers *answers)
{
    free(answers);
}
