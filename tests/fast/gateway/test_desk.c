/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents: one for a call however often it is heard, on disk, across restarts and steps of the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../gateway/desk.h"
#include "atalaya/gateway/clock.h"
#include "spool_fixture.h"

enum { DOCUMENTS_MAX = 2048 };
#define SECOND_NS INT64_C(1000000000)

struct rig {
    struct spool_fixture *fixture;
    struct envelope_maker maker;
    struct desk *desk;
    int64_t utc_ns, mono_ns; /* of the next hearing */
};

static struct rig rig;
static json_t *documents[DOCUMENTS_MAX]; /* NULL: an empty payload */
static char topics[DOCUMENTS_MAX][SPOOL_TOPIC_MAX];
static int64_t ids[DOCUMENTS_MAX];
static size_t document_count;

static void open_desk(void)
{
    fixture_open(rig.fixture);
    rig.maker.boot = spool_boot(rig.fixture->spool);
    rig.maker.seq = 0;
    strcpy(rig.maker.site_id, "test-site");
    assert_int_equal(site_create(&rig.fixture->config, &rig.maker.site), ATALAYA_OK);
    const struct distress_windows windows = {.join_s = 600, .cancelled_join_s = 60};
    assert_int_equal(desk_create(rig.fixture->spool, &rig.maker, &windows, &rig.desk), ATALAYA_OK);
}

static void close_desk(void)
{
    desk_destroy(rig.desk);
    site_destroy(rig.maker.site);
    fixture_close(rig.fixture);
}

static int set_up(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.fixture = fixture_create(1);
    rig.utc_ns = clock_utc_ns();
    rig.mono_ns = clock_mono_ns();
    open_desk();
    return 0;
}

static void forget(void)
{
    while (document_count > 0)
        json_decref(documents[--document_count]);
}

static int tear_down(void **state)
{
    (void)state;
    forget();
    close_desk();
    fixture_destroy(rig.fixture);
    return 0;
}

static void pass(int64_t seconds)
{
    rig.utc_ns += seconds * SECOND_NS;
    rig.mono_ns += seconds * SECOND_NS;
}

static void hear(const char *unit, enum distress_kind kind, bool test, const struct whereabout *where,
                 const struct whereabout *last_known)
{
    static struct reception reception;
    struct unit_identity who = {.known = true};
    struct words_verdict verdict = {.distress = kind, .test = test, .reason = "ax25: emergency"};
    struct desk_call call = {&reception, &who, &verdict, rig.utc_ns, where, last_known};
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    snprintf(reception.message.unit, sizeof reception.message.unit, "%s", unit);
    snprintf(who.name, sizeof who.name, "%s", unit);
    strcpy(reception.channel, "aprs");
    reception.mono_ns = rig.mono_ns;
    desk_hear(rig.desk, &call);
}

static void call(const char *unit)
{
    hear(unit, DISTRESS_RAISED, false, NULL, NULL);
}

static void add_document(void *context, const struct spool_item *item)
{
    (void)context;
    assert_true(document_count < DOCUMENTS_MAX);
    assert_int_equal(item->class, SPOOL_DISTRESS);
    documents[document_count] = item->length ? json_loadb(item->payload, item->length, 0, NULL) : NULL;
    assert_true(item->length == 0 || documents[document_count]);
    ids[document_count] = item->id;
    snprintf(topics[document_count++], SPOOL_TOPIC_MAX, "%s", item->topic);
}

/* Everything that waits for the broker, in order. */
static void read_documents(void)
{
    struct spool_reader *reader;
    size_t count;
    forget();
    assert_int_equal(spool_reader_open(rig.fixture->config.spool.path, "b0", &reader), ATALAYA_OK);
    do
        assert_int_equal(spool_reader_next(reader, ids, document_count, 256, add_document, NULL, &count),
                         ATALAYA_OK);
    while (count);
    spool_reader_close(reader);
}

static unsigned incidents(void)
{
    unsigned different = 0;
    read_documents();
    for (size_t i = 0; i < document_count; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen = seen || strcmp(topics[i], topics[k]) == 0;
        different += !seen;
    }
    return different;
}

static const char *text(size_t document, const char *key)
{
    const char *value = json_string_value(json_object_get(documents[document], key));
    return value ? value : "(absent)";
}

static json_int_t heard(size_t document)
{
    return json_integer_value(json_object_get(documents[document], "heard"));
}

static void repeats_are_one_incident(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++, pass(500)) /* each within the window of the last */
        call("patrol-1");
    assert_int_equal(incidents(), 1);
    assert_int_equal(desk_open_count(rig.desk), 1);
    assert_int_equal(document_count, 20);
    assert_int_equal(heard(19), 20);
    assert_string_equal(text(0, "state"), "raised");
    assert_string_equal(text(0, "priority"), "distress");
    assert_string_equal(text(0, "unit"), "patrol-1");
}

static void the_window_ends(void **state)
{
    (void)state;
    call("patrol-1");
    pass(599);
    call("patrol-1");
    pass(602);
    call("patrol-1");
    assert_int_equal(incidents(), 2);
}

static void units_and_tests_are_kept_apart(void **state)
{
    (void)state;
    call("patrol-1");
    call("patrol-2");
    hear("patrol-1", DISTRESS_RAISED, true, NULL, NULL);
    call("patrol-1");
    hear("patrol-1", DISTRESS_RAISED, true, NULL, NULL);
    assert_int_equal(incidents(), 3);
    for (size_t i = 0; i < document_count; i++)
        assert_int_equal(json_is_true(json_object_get(documents[i], "test")), i == 2 || i == 4);
    assert_int_equal(heard(3), 2);
    assert_int_equal(heard(4), 2);
}

/* A site that boots without time learns it: the wall clock jumps by years, and back again for good measure.
 */
static void steps_of_the_clock_split_nothing(void **state)
{
    (void)state;
    rig.utc_ns = 86400 * SECOND_NS;
    call("patrol-1");
    pass(30);
    rig.utc_ns = clock_utc_ns();
    call("patrol-1");
    pass(30);
    rig.utc_ns -= 7200 * SECOND_NS;
    call("patrol-1");
    assert_int_equal(incidents(), 1);
    assert_int_equal(heard(2), 3);
    rig.mono_ns += 601 * SECOND_NS; /* and hide nothing: by the monotonic clock the window is over */
    call("patrol-1");
    assert_int_equal(incidents(), 2);
}

static void a_cancel_closes_and_takes_the_retained_copy_away(void **state)
{
    (void)state;
    call("patrol-1");
    pass(3000); /* longer than the window */
    hear("patrol-1", DISTRESS_CANCELLED, false, NULL, NULL);
    assert_int_equal(incidents(), 1);
    assert_int_equal(document_count, 3);
    assert_string_equal(text(1, "state"), "cancelled");
    assert_int_equal(json_array_size(json_object_get(documents[1], "history")), 2);
    assert_null(documents[2]);
    assert_int_equal(desk_open_count(rig.desk), 0);
}

static void a_cancel_touches_nobody_else(void **state)
{
    (void)state;
    call("patrol-1");
    hear("patrol-2", DISTRESS_CANCELLED, false, NULL, NULL);
    hear("patrol-1", DISTRESS_CANCELLED, true, NULL, NULL); /* a drill's */
    assert_int_equal(desk_open_count(rig.desk), 1);
    assert_int_equal(incidents(), 1);
}

/* A centre's step to the incident that was published last. */
static enum distress_outcome step(enum distress_state state, const char *by)
{
    char id[DISTRESS_ID_MAX];
    const struct distress *distress;
    read_documents();
    size_t last = document_count - 1;
    while (!documents[last])
        last--;
    snprintf(id, sizeof id, "%s", text(last, "distress"));
    return desk_step(rig.desk, &(struct desk_order){id, state, by, "hq", NULL}, &distress);
}

static void a_closed_incident_swallows_late_repeats_across_a_restart(void **state)
{
    (void)state;
    call("patrol-1");
    assert_int_equal(step(DISTRESS_STATE_FALSE_ALARM, "yuma"), DISTRESS_STEP_MOVED);
    for (int i = 0; i < 3; i++) {
        pass(400);
        call("patrol-1");
    }
    read_documents();
    assert_int_equal(document_count, 3);
    assert_string_equal(text(1, "state"), "false_alarm");
    close_desk();
    open_desk();
    pass(400);
    call("patrol-1");
    assert_int_equal(incidents(), 1);
    assert_int_equal(desk_open_count(rig.desk), 0);
    pass(601);
    call("patrol-1");
    assert_int_equal(incidents(), 2);
}

/* A late copy of the call is passed over, but whoever takes a call back and calls again means it, however
 * often the radio repeats itself. */
static void who_calls_again_after_a_cancel_is_heard(void **state)
{
    (void)state;
    call("patrol-1");
    hear("patrol-1", DISTRESS_CANCELLED, false, NULL, NULL);
    pass(25);
    call("patrol-1");
    pass(25);
    call("patrol-1");
    assert_int_equal(desk_open_count(rig.desk), 0);
    close_desk();
    open_desk();
    pass(25); /* 75 s after the cancel, 25 s after the last hearing */
    call("patrol-1");
    assert_int_equal(desk_open_count(rig.desk), 1);
    assert_int_equal(incidents(), 2);
}

static void a_centre_takes_it_from_received_to_cleared(void **state)
{
    (void)state;
    call("patrol-1");
    assert_int_equal(step(DISTRESS_STATE_RADIO_ACKED, "site"), DISTRESS_STEP_REFUSED);
    assert_int_equal(step(DISTRESS_STATE_RECEIVED, "yuma"), DISTRESS_STEP_MOVED);
    assert_int_equal(step(DISTRESS_STATE_RECEIVED, "yuma"), DISTRESS_STEP_KNOWN);
    assert_int_equal(step(DISTRESS_STATE_ACKNOWLEDGED, "Ana Ruiz (yuma)"), DISTRESS_STEP_MOVED);
    assert_int_equal(step(DISTRESS_STATE_RECEIVED, "ajo"), DISTRESS_STEP_NOTED);
    close_desk();
    open_desk();
    assert_int_equal(step(DISTRESS_STATE_RADIO_ACKED, "site"), DISTRESS_STEP_MOVED);
    hear("patrol-1", DISTRESS_CANCELLED, false, NULL, NULL); /* a person has it: it stays */
    assert_int_equal(desk_open_count(rig.desk), 1);
    read_documents();
    const json_t *flags = json_object_get(documents[document_count - 1], "flags");
    assert_string_equal(json_string_value(json_array_get(flags, json_array_size(flags) - 1)), "cancel-heard");
    assert_int_equal(step(DISTRESS_STATE_CLEARED, "Ana Ruiz (yuma)"), DISTRESS_STEP_MOVED);
    assert_int_equal(step(DISTRESS_STATE_ACKNOWLEDGED, "late"), DISTRESS_STEP_REFUSED);
    read_documents();
    assert_null(documents[document_count - 1]);
    const json_t *history = json_object_get(documents[document_count - 2], "history");
    static const char *const told[] = {"raised",      "received",  "acknowledged", "received",
                                       "radio_acked", "cancelled", "cleared"};
    assert_int_equal(json_array_size(history), 7);
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(json_string_value(json_object_get(json_array_get(history, i), "state")), told[i]);
    assert_string_equal(json_string_value(json_object_get(json_array_get(history, 2), "by")),
                        "Ana Ruiz (yuma)");
}

static void a_test_never_becomes_real(void **state)
{
    (void)state;
    hear("patrol-1", DISTRESS_RAISED, true, NULL, NULL);
    assert_int_equal(step(DISTRESS_STATE_ACKNOWLEDGED, "Ana"), DISTRESS_STEP_MOVED);
    assert_int_equal(step(DISTRESS_STATE_CLEARED, "Ana"), DISTRESS_STEP_MOVED);
    read_documents();
    assert_string_equal(text(document_count - 2, "state"), "exercise");
    for (size_t i = 0; i + 1 < document_count; i++)
        assert_true(json_is_true(json_object_get(documents[i], "test")));
}

static void tidying_forgets_only_what_is_closed_and_over(void **state)
{
    (void)state;
    rig.utc_ns -= 1000 * SECOND_NS;
    rig.mono_ns -= 1000 * SECOND_NS;
    call("patrol-1");
    call("patrol-2");
    step(DISTRESS_STATE_CLEARED, "yuma");
    rig.utc_ns = clock_utc_ns();
    rig.mono_ns = clock_mono_ns();
    hear("patrol-3", DISTRESS_RAISED, false, NULL, NULL);
    hear("patrol-3", DISTRESS_CANCELLED, false, NULL, NULL);
    desk_tidy(rig.desk);
    close_desk();
    open_desk();
    assert_int_equal(desk_open_count(rig.desk), 1);
    unsigned before = incidents();
    call("patrol-3"); /* swallowed: its window is not over */
    assert_int_equal(incidents(), before);
    call("patrol-2");
    assert_int_equal(incidents(), before + 1);
}

static void a_restart_keeps_the_incident(void **state)
{
    struct whereabout here = {31.5, -111.5, 1200, 10, NAN, NAN, rig.utc_ns, true};
    (void)state;
    hear("patrol-1", DISTRESS_RAISED, false, &here, NULL);
    read_documents();
    char topic[SPOOL_TOPIC_MAX];
    strcpy(topic, topics[0]);
    spool_delivered(rig.fixture->spool, 0, ids, document_count);
    desk_delivered(rig.desk, "b0", ids, document_count);
    read_documents();
    assert_int_equal(document_count, 1);
    assert_string_equal(text(0, "state"), "delivered");
    close_desk();
    open_desk();
    pass(30);
    call("patrol-1");
    read_documents();
    assert_string_equal(topics[document_count - 1], topic);
    assert_int_equal(heard(document_count - 1), 2);
    assert_string_equal(text(document_count - 1, "state"), "delivered");
    const json_t *position = json_object_get(documents[document_count - 1], "position");
    assert_float_equal(json_number_value(json_object_get(position, "lat_deg")), 31.5, 1e-9);
    assert_string_equal(json_string_value(json_object_get(position, "origin")), "radio");
}

static void what_no_broker_took_is_said_again_after_a_restart(void **state)
{
    (void)state;
    call("patrol-1");
    close_desk();
    open_desk();
    assert_int_equal(incidents(), 1);
    desk_delivered(rig.desk, "b0", &ids[document_count - 1], 1);
    read_documents();
    assert_string_equal(text(document_count - 1, "state"), "delivered");
    size_t count = document_count;
    desk_delivered(rig.desk, "b0", ids, document_count); /* the second broker says nothing new */
    read_documents();
    assert_int_equal(document_count, count);
}

static void positions_are_marked_for_what_they_are(void **state)
{
    struct whereabout before = {31, -111, NAN, NAN, NAN, NAN, rig.utc_ns - 900 * SECOND_NS, false};
    struct whereabout now = {32, -112, NAN, NAN, NAN, NAN, rig.utc_ns, false};
    (void)state;
    hear("patrol-1", DISTRESS_RAISED, false, NULL, &before);
    desk_position(rig.desk, "patrol-2", &now);
    read_documents();
    assert_int_equal(document_count, 1);
    const json_t *position = json_object_get(documents[0], "position");
    assert_string_equal(json_string_value(json_object_get(position, "origin")), "last-known");
    assert_true(json_number_value(json_object_get(position, "age_s")) >= 899.9);
    pass(7200); /* long after the last call: open is open */
    desk_position(rig.desk, "patrol-1", &now);
    pass(-7200);
    read_documents();
    position = json_object_get(documents[1], "position");
    assert_string_equal(json_string_value(json_object_get(position, "origin")), "radio");
    assert_float_equal(json_number_value(json_object_get(position, "lat_deg")), 32, 1e-9);
    hear("patrol-1", DISTRESS_RAISED, false, NULL, &before); /* a repeat without a place takes none away */
    read_documents();
    position = json_object_get(documents[2], "position");
    assert_float_equal(json_number_value(json_object_get(position, "lat_deg")), 32, 1e-9);
}

static void a_full_desk_lets_go_of_what_matters_least(void **state)
{
    char unit[32];
    (void)state;
    hear("drill", DISTRESS_RAISED, true, NULL, NULL);
    for (int i = 1; i < DISTRESS_OPEN_MAX; i++, pass(1)) {
        snprintf(unit, sizeof unit, "patrol-%d", i);
        call(unit);
    }
    call("late-1"); /* in the drill's place */
    unsigned all = incidents();
    assert_int_equal(all, DISTRESS_OPEN_MAX + 1);
    call("patrol-1");
    hear("drill", DISTRESS_RAISED, true, NULL, NULL); /* a test pushes nobody out */
    assert_int_equal(incidents(), all);
    assert_int_equal(desk_open_count(rig.desk), DISTRESS_OPEN_MAX);
    call("late-2"); /* in the place of the one heard longest ago: patrol-2 */
    call("patrol-1");
    assert_int_equal(incidents(), all + 1);
    call("patrol-2");
    assert_int_equal(incidents(), all + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(repeats_are_one_incident, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_window_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(units_and_tests_are_kept_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(steps_of_the_clock_split_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancel_closes_and_takes_the_retained_copy_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancel_touches_nobody_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_closed_incident_swallows_late_repeats_across_a_restart, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_calls_again_after_a_cancel_is_heard, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_centre_takes_it_from_received_to_cleared, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_test_never_becomes_real, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tidying_forgets_only_what_is_closed_and_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_restart_keeps_the_incident, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_no_broker_took_is_said_again_after_a_restart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(positions_are_marked_for_what_they_are, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_desk_lets_go_of_what_matters_least, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
