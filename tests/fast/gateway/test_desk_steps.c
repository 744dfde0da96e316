/* SPDX-License-Identifier: Apache-2.0 */
/* What others than the radio do with an incident, and whom silence brings in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "desk_rig.h"

static void a_closed_incident_swallows_late_repeats_across_a_restart(void **state)
{
    (void)state;
    rig_call("patrol-1");
    assert_int_equal(rig_step(DISTRESS_STATE_FALSE_ALARM, "yuma"), DISTRESS_STEP_MOVED);
    for (int i = 0; i < 3; i++) {
        rig_pass(400);
        rig_call("patrol-1");
    }
    rig_read_documents();
    assert_int_equal(desk_rig.count, 3);
    assert_string_equal(rig_text(1, "state"), "false_alarm");
    rig_close();
    rig_open();
    rig_pass(400);
    rig_call("patrol-1");
    assert_int_equal(rig_incidents(), 1);
    assert_int_equal(desk_open_count(desk_rig.desk), 0);
    rig_pass(601);
    rig_call("patrol-1");
    assert_int_equal(rig_incidents(), 2);
}

static void say(const char *text, const char *reason, enum distress_kind of_protocol)
{
    static struct reception reception;
    struct unit_identity who = {.name = "patrol-1", .known = true};
    struct words_verdict verdict = {.distress = DISTRESS_RAISED};
    struct desk_call call = {&reception, &who, &verdict, desk_rig.utc_ns, NULL, NULL};
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    strcpy(reception.message.unit, "N0CALL-1");
    reception.message.distress = of_protocol;
    if (text[0])
        assert_int_equal(message_add_string(&reception.message, "text", text), ATALAYA_OK);
    snprintf(verdict.reason, sizeof verdict.reason, "%s", reason);
    reception.mono_ns = desk_rig.mono_ns;
    desk_hear(desk_rig.desk, &call);
    rig_pass(60);
}

/* Ten minutes after somebody has closed it another thing may happen to the same crew: what they say then is
 * no repeat, and who says it in words and presses the button then means it. */
static void who_says_something_else_after_its_end_calls_anew(void **state)
{
    (void)state;
    say("SOS flat tyre", "text: SOS", DISTRESS_NONE);
    assert_int_equal(rig_step(DISTRESS_STATE_FALSE_ALARM, "yuma"), DISTRESS_STEP_MOVED);
    say("SOS flat tyre", "text: SOS", DISTRESS_NONE);
    assert_int_equal(desk_open_count(desk_rig.desk), 0);
    say("SOS snake bite", "text: SOS", DISTRESS_NONE);
    assert_int_equal(desk_open_count(desk_rig.desk), 1);
    say("SOS snake bite, hurry", "text: SOS", DISTRESS_NONE); /* one that is open takes all that follows */
    assert_int_equal(rig_incidents(), 2);
    assert_int_equal(rig_step(DISTRESS_STATE_CLEARED, "yuma"), DISTRESS_STEP_MOVED);
    say("SOS flat tyre", "text: SOS", DISTRESS_NONE); /* late copies of either */
    say("SOS snake bite, hurry", "text: SOS", DISTRESS_NONE);
    assert_int_equal(desk_open_count(desk_rig.desk), 0);
    say("", "ax25: emergency", DISTRESS_RAISED);
    assert_int_equal(desk_open_count(desk_rig.desk), 1);
    assert_int_equal(rig_step(DISTRESS_STATE_FALSE_ALARM, "yuma"), DISTRESS_STEP_MOVED);
    say("51 F, 12.1 V", "ax25: emergency", DISTRESS_RAISED); /* a button that nobody has reset */
    say("52 F, 12.0 V", "fx25: emergency", DISTRESS_RAISED);
    assert_int_equal(desk_open_count(desk_rig.desk), 0);
}

/* A late copy of the call is passed over, but whoever takes a call back and calls again means it, however
 * often the radio repeats itself. */
static void who_calls_again_after_a_cancel_is_heard(void **state)
{
    (void)state;
    rig_call("patrol-1");
    rig_hear("patrol-1", DISTRESS_CANCELLED, false, NULL, NULL);
    rig_pass(25);
    rig_call("patrol-1");
    rig_pass(25);
    rig_call("patrol-1");
    assert_int_equal(desk_open_count(desk_rig.desk), 0);
    rig_close();
    rig_open();
    rig_pass(25); /* 75 s after the cancel, 25 s after the last hearing */
    rig_call("patrol-1");
    assert_int_equal(desk_open_count(desk_rig.desk), 1);
    assert_int_equal(rig_incidents(), 2);
}

static void a_centre_takes_it_from_received_to_cleared(void **state)
{
    (void)state;
    rig_call("patrol-1");
    assert_int_equal(rig_step(DISTRESS_STATE_RADIO_ACKED, "site"), DISTRESS_STEP_REFUSED);
    assert_int_equal(rig_step(DISTRESS_STATE_RECEIVED, "yuma"), DISTRESS_STEP_MOVED);
    assert_int_equal(rig_step(DISTRESS_STATE_RECEIVED, "yuma"), DISTRESS_STEP_KNOWN);
    assert_int_equal(rig_step(DISTRESS_STATE_ACKNOWLEDGED, "Ana Ruiz (yuma)"), DISTRESS_STEP_MOVED);
    assert_int_equal(rig_step(DISTRESS_STATE_RECEIVED, "ajo"), DISTRESS_STEP_NOTED);
    rig_close();
    rig_open();
    assert_int_equal(rig_step(DISTRESS_STATE_RADIO_ACKED, "site"), DISTRESS_STEP_MOVED);
    rig_hear("patrol-1", DISTRESS_CANCELLED, false, NULL, NULL); /* a person has it: it stays */
    assert_int_equal(desk_open_count(desk_rig.desk), 1);
    rig_read_documents();
    const json_t *flags = json_object_get(desk_rig.documents[desk_rig.count - 1], "flags");
    assert_string_equal(json_string_value(json_array_get(flags, json_array_size(flags) - 1)), "cancel-heard");
    assert_int_equal(rig_step(DISTRESS_STATE_CLEARED, "Ana Ruiz (yuma)"), DISTRESS_STEP_MOVED);
    assert_int_equal(rig_step(DISTRESS_STATE_ACKNOWLEDGED, "late"), DISTRESS_STEP_REFUSED);
    rig_read_documents();
    assert_null(desk_rig.documents[desk_rig.count - 1]);
    const json_t *history = json_object_get(desk_rig.documents[desk_rig.count - 2], "history");
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
    rig_hear("patrol-1", DISTRESS_RAISED, true, NULL, NULL);
    assert_int_equal(rig_step(DISTRESS_STATE_ACKNOWLEDGED, "Ana"), DISTRESS_STEP_MOVED);
    assert_int_equal(rig_step(DISTRESS_STATE_CLEARED, "Ana"), DISTRESS_STEP_MOVED);
    rig_read_documents();
    assert_string_equal(rig_text(desk_rig.count - 2, "state"), "exercise");
    for (size_t i = 0; i + 1 < desk_rig.count; i++)
        assert_true(json_is_true(json_object_get(desk_rig.documents[i], "test")));
}

/* Brokers whose spool holds documents about the distress, as bits. */
static unsigned told(void)
{
    static struct seen seen;
    unsigned brokers = 0;
    for (unsigned b = 0; b < desk_rig.fixture->config.broker_count; b++) {
        char name[16];
        snprintf(name, sizeof name, "b%u", b);
        fixture_read(desk_rig.fixture, name, &seen);
        brokers |= (seen.count > 0) << b;
    }
    return brokers;
}

/* Two centres, the first with two brokers; nobody answers, also across a restart. */
static void silence_goes_from_broker_to_broker_and_from_centre_to_centre(void **state)
{
    (void)state;
    rig_close();
    fixture_destroy(desk_rig.fixture);
    desk_rig.fixture = fixture_create(4);
    struct config *config = &desk_rig.fixture->config;
    config->centre_count = 2;
    config->centre[0] = (struct config_centre){.name = "yuma",
                                               .priority = 1,
                                               .broker_count = 2,
                                               .brokers = {"b1", "b0"},
                                               .deliver_s = 20,
                                               .receive_s = 60,
                                               .acknowledge_s = 300,
                                               .area_km = (double)NAN};
    config->centre[1] = (struct config_centre){.name = "ajo",
                                               .priority = 2,
                                               .broker_count = 1,
                                               .brokers = {"b2"},
                                               .deliver_s = 20,
                                               .receive_s = 60,
                                               .acknowledge_s = 300,
                                               .area_km = (double)NAN};
    rig_open();
    rig_call("patrol-1");
    int64_t now_ns = clock_mono_ns();
    assert_int_equal(told(), 1 << 1 | 1 << 3); /* yuma's best, and b3, which is nobody's */
    assert_false(desk_tick(desk_rig.desk, now_ns + 19 * SECOND_NS));
    assert_true(desk_tick(desk_rig.desk, now_ns + 21 * SECOND_NS));
    assert_int_equal(told(), 1 << 1 | 1 << 3 | 1 << 0);
    assert_true(desk_tick(desk_rig.desk, now_ns + 61 * SECOND_NS));
    assert_int_equal(told(), 15);
    assert_int_equal(desk_rig.alarms, 0);
    assert_true(desk_tick(desk_rig.desk, now_ns + 301 * SECOND_NS));
    assert_true(desk_tick(desk_rig.desk, now_ns + 602 * SECOND_NS)); /* again, until somebody acknowledges */
    assert_int_equal(desk_rig.alarms, 2);
    rig_close();
    rig_open();
    now_ns = clock_mono_ns();
    rig_read_documents(); /* of b0 */
    const json_t *escalation = json_object_get(desk_rig.documents[desk_rig.count - 1], "escalation");
    assert_int_equal(json_integer_value(json_object_get(escalation, "level")), 3);
    assert_int_equal(json_array_size(json_object_get(escalation, "told")), 2);
    assert_true(desk_tick(desk_rig.desk, now_ns + 301 * SECOND_NS));
    assert_int_equal(desk_rig.alarms, 3);
    assert_int_equal(rig_step(DISTRESS_STATE_ACKNOWLEDGED, "Ana"), DISTRESS_STEP_MOVED);
    assert_false(desk_tick(desk_rig.desk, now_ns + 3600 * SECOND_NS));
    assert_int_equal(desk_rig.alarms, 3);
}

/* A broker without a subscriber has delivered it to nobody. */
static void who_has_nobody_to_give_it_to_has_not_delivered(void **state)
{
    (void)state;
    rig_call("patrol-1");
    rig_read_documents();
    desk_unheard(desk_rig.desk, 0, desk_rig.ids, desk_rig.count);
    rig_read_documents();
    assert_int_equal(desk_rig.count, 1);
    assert_string_equal(rig_text(0, "state"), "raised");
    assert_false(desk_tick(desk_rig.desk, clock_mono_ns() + 29 * SECOND_NS));
    assert_true(
        desk_tick(desk_rig.desk, clock_mono_ns() + 31 * SECOND_NS)); /* said again: perhaps somebody came */
    rig_read_documents();
    desk_delivered(desk_rig.desk, 0, desk_rig.ids, desk_rig.count);
    rig_read_documents();
    assert_string_equal(rig_text(desk_rig.count - 1, "state"), "delivered");
    assert_false(desk_tick(desk_rig.desk, clock_mono_ns() + 3600 * SECOND_NS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_closed_incident_swallows_late_repeats_across_a_restart, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(who_says_something_else_after_its_end_calls_anew, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(who_calls_again_after_a_cancel_is_heard, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(a_centre_takes_it_from_received_to_cleared, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(a_test_never_becomes_real, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(silence_goes_from_broker_to_broker_and_from_centre_to_centre,
                                        rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(who_has_nobody_to_give_it_to_has_not_delivered, rig_set_up,
                                        rig_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
