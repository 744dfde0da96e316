/* SPDX-License-Identifier: Apache-2.0 */
/* Sites that see each other's objects agree, without asking anybody, on one name for a call and on one that
 * answers it; and what another site says can neither acknowledge nor end anything here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../gateway/transmit/neighbours.h"

#define SECOND_NS INT64_C(1000000000)
#define T0        (INT64_C(1795771250) * SECOND_NS)

enum { SITES = 4 };
static const char *const names[SITES] = {"ajo", "baboquivari", "cerro", "dome"};
static struct distress own[SITES];
static struct neighbours seen[SITES]; /* by each of the others' objects */

static void hear(unsigned site, int64_t raised_ms, double snr_db, uint64_t dedupe)
{
    struct distress *distress = &own[site];
    memset(distress, 0, sizeof *distress);
    snprintf(distress->id, sizeof distress->id, "%s-1-%u", names[site], site);
    strcpy(distress->radio, "ax25.N0CALL-7");
    distress->state = DISTRESS_STATE_ACKNOWLEDGED;
    distress->raised_utc_ns = distress->last_heard_utc_ns = T0 + raised_ms * 1000000;
    distress->snr_db = snr_db;
    distress->dedupe = dedupe;
    distress->reach = ANSWER_REACH_RADIO;
    distress_name_incident(distress);
}

/* Everybody's object at everybody else. */
static void publish(unsigned site)
{
    struct neighbour_news news;
    char topic[200];
    json_t *object = distress_call_to_json(&own[site]);
    char *text = json_dumps(object, 0);
    snprintf(topic, sizeof topic, "site/%s/call/%s", names[site], own[site].id);
    for (unsigned to = 0; to < SITES; to++) {
        neighbours_read(names[to], topic, text, strlen(text), &news);
        assert_int_equal(news.kind, to == site ? NEIGHBOUR_NOTHING : NEIGHBOUR_DISTRESS);
        neighbours_take(&seen[to], &news);
    }
    free(text);
    json_decref(object);
}

static void agree(void)
{
    for (unsigned turn = 0; turn < SITES; turn++)
        for (unsigned s = 0; s < SITES; s++) {
            const struct neighbour *elder = neighbours_elder(&seen[s], &own[s], names[s], 1800);
            if (elder)
                strcpy(own[s].incident, elder->incident);
            publish(s);
        }
}

static unsigned answering(unsigned *who)
{
    unsigned count = 0;
    for (unsigned s = 0; s < SITES; s++) {
        struct neighbour_standing standing =
            neighbours_standing(&seen[s], &own[s], names[s], ANSWER_ACKNOWLEDGED);
        if (!standing.done && standing.ahead == 0 && standing.ahead_unaware == 0) {
            count++;
            *who = s;
        }
    }
    return count;
}

static void say_status(const char *site, bool online)
{
    struct neighbour_news news;
    char topic[100];
    const char *text = online ? "{\"state\":\"online\"}" : "{\"state\":\"offline\"}";
    snprintf(topic, sizeof topic, "site/%s/status", site);
    for (unsigned to = 0; to < SITES; to++) {
        neighbours_read(names[to], topic, text, strlen(text), &news);
        neighbours_take(&seen[to], &news);
    }
}

static int reset(void **state)
{
    (void)state;
    memset(seen, 0, sizeof seen);
    for (unsigned s = 0; s < SITES; s++)
        hear(s, 0, 10, 77);
    return 0;
}

static void one_burst_has_one_name_at_sites_that_never_speak(void **state)
{
    (void)state;
    for (unsigned s = 1; s < SITES; s++)
        assert_string_equal(own[s].incident, own[0].incident);
    hear(1, 3600000, 10, 77); /* the same bytes an hour later are another call */
    assert_string_not_equal(own[1].incident, own[0].incident);
    own[2].test = true;
    distress_name_incident(&own[2]);
    assert_string_not_equal(own[2].incident, own[0].incident); /* and a drill is never a call */
}

static void different_first_bursts_come_to_one_name(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SITES; s++)
        hear(s, 10000 - 1000 * (int64_t)s, 10, s);
    for (unsigned s = 0; s < SITES; s++)
        publish(s);
    char oldest[DISTRESS_INCIDENT_MAX];
    strcpy(oldest, own[SITES - 1].incident);
    agree();
    for (unsigned s = 0; s < SITES; s++)
        assert_string_equal(own[s].incident, oldest);
    hear(0, 10000, 10, 5);
    strcpy(own[0].radio, "ax25.N0CALL-8"); /* another's call keeps its own name */
    assert_null(neighbours_elder(&seen[0], &own[0], names[0], 1800));
    hear(0, 10 * 3600 * 1000, 10, 5); /* so does a later one */
    assert_null(neighbours_elder(&seen[0], &own[0], names[0], 1800));
}

/* All orders of three SNR values over four sites, ties included: exactly one site answers, the best. */
static void exactly_one_site_answers_whatever_they_heard(void **state)
{
    (void)state;
    static const double snr_db[] = {3.04, 3.0, 17.2, NAN};
    for (unsigned mix = 0; mix < 256; mix++) {
        double best = -INFINITY;
        memset(seen, 0, sizeof seen);
        for (unsigned s = 0; s < SITES; s++) {
            double heard_db = snr_db[mix >> (2 * s) & 3];
            hear(s, 0, heard_db, 77);
            best = fmax(best, heard_db);
        }
        for (unsigned s = 0; s < SITES; s++)
            publish(s);
        unsigned who = SITES;
        assert_int_equal(answering(&who), 1);
        double his = own[who].snr_db;
        assert_true(!isfinite(best) || his > best - 0.1); /* a tenth of a decibel is a tie */
    }
}

static void who_is_dead_or_cannot_or_has_failed_is_passed_over(void **state)
{
    unsigned who = SITES;
    (void)state;
    hear(3, 0, 20, 77);
    hear(2, 0, 15, 77);
    hear(1, 0, 12, 77);
    for (unsigned s = 0; s < SITES; s++)
        publish(s);
    assert_int_equal(answering(&who), 1);
    assert_int_equal(who, 3);
    say_status("dome", false);
    assert_int_equal(neighbours_standing(&seen[2], &own[2], names[2], ANSWER_ACKNOWLEDGED).ahead, 0);
    assert_int_equal(neighbours_standing(&seen[1], &own[1], names[1], ANSWER_ACKNOWLEDGED).ahead, 1);
    own[2].reach = ANSWER_REACH_NONE;
    publish(2);
    assert_int_equal(neighbours_standing(&seen[1], &own[1], names[1], ANSWER_ACKNOWLEDGED).ahead, 0);
    say_status("dome", true);
    own[3].answer =
        (struct distress_answer){.level = ANSWER_ACKNOWLEDGED, .site = "dome", .result = "device_lost"};
    publish(3);
    assert_int_equal(neighbours_standing(&seen[1], &own[1], names[1], ANSWER_ACKNOWLEDGED).ahead, 0);
    own[3].answer = (struct distress_answer){.level = ANSWER_ACKNOWLEDGED, .site = "dome", .queued = true};
    publish(3);
    assert_true(neighbours_standing(&seen[1], &own[1], names[1], ANSWER_ACKNOWLEDGED).claimed);
    own[3].answer.sent = true;
    publish(3);
    assert_non_null(neighbours_standing(&seen[1], &own[1], names[1], ANSWER_ACKNOWLEDGED).done);
    own[3].answer.level = ANSWER_RECEIVED; /* a lesser answer is no answer */
    publish(3);
    assert_null(neighbours_standing(&seen[1], &own[1], names[1], ANSWER_ACKNOWLEDGED).done);
    own[3].answer = (struct distress_answer){.level = ANSWER_ACKNOWLEDGED, .site = "cerro", .sent = true};
    publish(3); /* what a third site did, that site says itself */
    assert_null(neighbours_standing(&seen[1], &own[1], names[1], ANSWER_ACKNOWLEDGED).done);
    own[3].state = DISTRESS_STATE_RECEIVED;
    publish(3);
    assert_int_equal(neighbours_standing(&seen[1], &own[1], names[1], ANSWER_ACKNOWLEDGED).ahead_unaware, 1);
    own[3].state = DISTRESS_STATE_CLEARED;
    publish(3);
    assert_int_equal(neighbours_standing(&seen[1], &own[1], names[1], ANSWER_ACKNOWLEDGED).ahead_unaware, 0);
}

/* A beacon: one site hears it better, the other has heard the handheld of its owner. */
static void who_reaches_the_radio_goes_before_who_reaches_another_of_its_unit(void **state)
{
    unsigned who = SITES;
    (void)state;
    hear(3, 0, 20, 77);
    hear(2, 0, 15, 77);
    hear(1, 0, 10, 77);
    own[3].reach = ANSWER_REACH_UNHEARD;
    own[2].reach = ANSWER_REACH_UNIT;
    own[1].reach = ANSWER_REACH_UNIT;
    own[0].reach = ANSWER_REACH_NONE; /* hears it too, says nothing */
    for (unsigned s = 0; s < SITES; s++)
        publish(s);
    assert_int_equal(answering(&who), 1);
    assert_int_equal(who, 2);
    own[2].answer = (struct distress_answer){
        .level = ANSWER_ACKNOWLEDGED, .site = "cerro", .radio = "ax25.N0CALL-9", .sent = true};
    publish(2);
    assert_non_null(neighbours_standing(&seen[1], &own[1], names[1], ANSWER_ACKNOWLEDGED).done);
    own[1].reach = ANSWER_REACH_RADIO; /* one that can tell who called does so still */
    assert_null(neighbours_standing(&seen[1], &own[1], names[1], ANSWER_ACKNOWLEDGED).done);
    assert_true(neighbours_leave_it(&seen[1], &own[1], names[1], ANSWER_ACKNOWLEDGED, 60));
    assert_false(neighbours_leave_it(&seen[3], &own[3], names[3], ANSWER_ACKNOWLEDGED, 60));
    publish(1);
    assert_int_equal(neighbours_standing(&seen[3], &own[3], names[3], ANSWER_RECEIVED).ahead, 2);
}

static void expect_reach(const char *answer, enum answer_reach reach)
{
    struct neighbour_news news;
    char text[400];
    snprintf(text, sizeof text,
             "{\"incident\": \"i\", \"radio\": \"ax25.N0CALL-7\", \"state\": \"raised\", \"raised_time_ms\": "
             "1795473065120, "
             "\"last_heard_time_ms\": 1795473065120, \"answer\": %s}",
             answer);
    neighbours_read("dome", "site/ajo/call/ajo-1-1", text, strlen(text), &news);
    assert_int_equal(news.kind, NEIGHBOUR_DISTRESS);
    assert_int_equal(news.said.reach, reach);
}

/* An older one says able, and means the radio that called. What it reads of ours must mean that, too. */
static void whom_a_site_reaches_is_understood_by_old_and_new(void **state)
{
    (void)state;
    expect_reach("{\"able\": true}", ANSWER_REACH_RADIO);
    expect_reach("{\"able\": false}", ANSWER_REACH_NONE);
    expect_reach("{\"able\": false, \"reach\": \"unit\"}", ANSWER_REACH_UNIT);
    expect_reach("{\"able\": true, \"reach\": 7}", ANSWER_REACH_RADIO);
    expect_reach("{\"able\": false, \"reach\": \"all\"}", ANSWER_REACH_NONE);
    hear(2, 0, 15, 77);
    for (int reach = ANSWER_REACH_NONE; reach <= ANSWER_REACH_RADIO; reach++) {
        own[2].reach = (enum answer_reach)reach;
        strcpy(own[2].answer.radio, "ax25.N0CALL-9");
        own[2].answer.level = ANSWER_HEARD;
        json_t *object = distress_call_to_json(&own[2]), *answer = json_object_get(object, "answer");
        assert_int_equal(json_is_true(json_object_get(answer, "able")), reach == ANSWER_REACH_RADIO);
        assert_null(json_object_get(answer, "radio")); /* whose beacon it is goes to centres alone */
        json_decref(object);
    }
}

/* One of its brokers has lost that site, and another has it. */
static void a_site_is_alive_that_any_broker_has(void **state)
{
    static struct neighbours known;
    struct neighbour_news status = {.kind = NEIGHBOUR_STATUS, .online = true};
    (void)state;
    memset(&known, 0, sizeof known);
    known.links = 3;
    strcpy(status.said.site, "ajo");
    assert_false(neighbours_is_offline(&known, "ajo"));
    neighbours_take(&known, &status);
    status.broker = 1;
    neighbours_take(&known, &status);
    status.online = false;
    neighbours_take(&known, &status);
    assert_false(neighbours_is_offline(&known, "ajo"));
    known.links = 2; /* what the first broker says is old by now */
    assert_true(neighbours_is_offline(&known, "ajo"));
    known.links = 3;
    status.broker = 0;
    neighbours_take(&known, &status);
    assert_true(neighbours_is_offline(&known, "ajo"));
    known.links = 0;
    assert_true(neighbours_is_offline(&known, "ajo"));
}

static void the_hostile_is_passed_over(void **state)
{
    static const char *const payloads[] = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"state\":\"raised\"}",
        "{\"state\":\"raised\",\"radio\":\"x\"}",
        "{\"state\":\"no\",\"radio\":\"x\",\"raised_time_ms\":1,\"last_heard_time_ms\":1}",
        "{\"state\":\"raised\",\"radio\":7,\"raised_time_ms\":1,\"last_heard_time_ms\":1}",
        "{\"state\":\"raised\",\"radio\":\"x\",\"raised_time_ms\":-1,\"last_heard_time_ms\":1}",
        ("{\"state\":\"raised\",\"radio\":\"x\",\"raised_time_ms\":9223372036854775807,"
         "\"last_heard_time_ms\":1}")};
    static const char *const topics[] = {"site/ajo/call/a b",
                                         "site//distress/a",
                                         "site/ajo/call/",
                                         "site/ajo",
                                         "site/ajo/call/a/b",
                                         "command",
                                         "",
                                         "site/ajo/position/x"};
    static const char fine[] =
        "{\"state\":\"raised\",\"radio\":\"x\",\"raised_time_ms\":1,\"last_heard_time_ms\":1}";
    struct neighbour_news news;
    (void)state;
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
        neighbours_read("dome", "site/ajo/call/a", payloads[i], strlen(payloads[i]), &news);
        assert_int_equal(news.kind, payloads[i][0] ? NEIGHBOUR_NOTHING : NEIGHBOUR_GONE);
    }
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        neighbours_read("dome", topics[i], fine, strlen(fine), &news);
        assert_int_equal(news.kind, NEIGHBOUR_NOTHING);
    }
    neighbours_read("dome", "site/ajo/call/a", fine, strlen(fine), &news);
    assert_int_equal(news.kind, NEIGHBOUR_DISTRESS);
    for (unsigned i = 0; i < 3 * NEIGHBOURS_MAX; i++) { /* a flood stays within its room */
        snprintf(news.said.distress, sizeof news.said.distress, "a%u", i);
        snprintf(news.said.site, sizeof news.said.site, "s%u", i);
        neighbours_take(&seen[0], &news);
        news.kind = NEIGHBOUR_STATUS;
        neighbours_take(&seen[0], &news);
        news.kind = NEIGHBOUR_DISTRESS;
    }
    assert_int_equal(seen[0].count, NEIGHBOURS_MAX);
    assert_int_equal(seen[0].site_count, NEIGHBOUR_SITES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_burst_has_one_name_at_sites_that_never_speak, reset),
        cmocka_unit_test_setup(different_first_bursts_come_to_one_name, reset),
        cmocka_unit_test_setup(exactly_one_site_answers_whatever_they_heard, reset),
        cmocka_unit_test_setup(who_is_dead_or_cannot_or_has_failed_is_passed_over, reset),
        cmocka_unit_test_setup(who_reaches_the_radio_goes_before_who_reaches_another_of_its_unit, reset),
        cmocka_unit_test_setup(whom_a_site_reaches_is_understood_by_old_and_new, reset),
        cmocka_unit_test_setup(a_site_is_alive_that_any_broker_has, reset),
        cmocka_unit_test_setup(the_hostile_is_passed_over, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
