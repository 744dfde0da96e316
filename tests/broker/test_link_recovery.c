/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever happens to the broker, every spooled item arrives, in order per class, and waiting costs nothing.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "link_rig.h"

static const char *const everything = "atalaya/v1/#";

static void append_mixture(struct rig *rig)
{
    rig_append(rig, SPOOL_POSITION, 120);
    rig_append(rig, SPOOL_MESSAGE, 60);
    rig_append(rig, SPOOL_DISTRESS, 3);
}

/* CPU time of the whole process, the link's thread among it, as a share of the wall clock. */
static double share_of_cpu_while_away(struct rig *rig, double seconds)
{
    (void)rig;
    double cpu_s = test_process_cpu_s(), began_s = test_now_s();
    test_sleep_ms((long)(seconds * 1000.0));
    double share = (test_process_cpu_s() - cpu_s) / (test_now_s() - began_s);
    print_message("CPU while the broker is away: %.2f %%\n", 100.0 * share);
    return share;
}

static void broker_absent_at_start_then_started(void **state)
{
    (void)state;
    struct broker broker;
    broker_prepare(&broker);
    struct rig *rig = rig_create(&broker);
    rig_start(rig);
    append_mixture(rig);
    assert_true(rig_work_until_error(rig, "is the broker running?", 5.0));
    assert_true(share_of_cpu_while_away(rig, 3.0) < 0.05);
    rig_set_gate(rig, false, NULL);
    assert_true(rig_work_until_error(rig, "password", 5.0));
    broker_start(&broker, &(struct broker_options){0});
    struct collector *collector = collector_open(broker.port, everything);
    rig_set_gate(rig, true, "any");
    assert_true(rig_work_until_delivered(rig, 20.0));
    assert_int_equal(rig_assert_all_heard(rig, collector), 0);
    rig_end(rig, collector, &broker);
}

/* Distress goes first although 180 others had come before it. */
static void distress_overtakes_what_waits(void **state)
{
    (void)state;
    struct broker broker;
    struct rig *rig = rig_create_with_broker(&broker, NULL);
    struct collector *collector = collector_open(broker.port, "atalaya/v1/site/+/message/#");
    rig_set_gate(rig, false, NULL);
    rig_start(rig);
    append_mixture(rig);
    rig_set_gate(rig, true, "any");
    assert_true(rig_work_until_delivered(rig, 20.0));
    assert_true(collector_wait(collector, 183, 5.0));
    for (size_t i = 0; i < 3; i++)
        assert_non_null(strstr(collector_get(collector, i).payload, "\"id\":\"0-"));
    rig_assert_all_heard(rig, collector);
    rig_end(rig, collector, &broker);
}

static void broker_killed_in_mid_stream_and_session_lost(void **state)
{
    (void)state;
    struct broker broker;
    struct rig *rig = rig_create_with_broker(&broker, NULL);
    struct collector *collector = collector_open(broker.port, everything);
    rig_start(rig);
    for (int round = 0; round < 4; round++) {
        assert_true(rig_work_until_state(rig, LINK_UP, 10.0));
        append_mixture(rig);
        rig_work(rig, 0.01 * round);
        broker_kill(&broker, SIGKILL);
        rig_set_gate(rig, false, NULL);
        append_mixture(rig);
        rig_work(rig, 0.7);
        collector_detach(collector);
        broker_start(&broker, &(struct broker_options){0});
        collector_attach(collector, broker.port);
        rig_set_gate(rig, true, "any");
    }
    assert_true(rig_work_until_delivered(rig, 30.0));
    size_t duplicates = rig_assert_all_heard(rig, collector);
    print_message("killed 4 times: %zu duplicates of %d items\n", duplicates, 8 * 183);
    rig_end(rig, collector, &broker);
}

static void password_refused_then_corrected(void **state)
{
    (void)state;
    struct broker broker;
    broker_prepare(&broker);
    broker_start(&broker, &(struct broker_options){.user = "tinajas", .password = "saguaro"});
    struct rig *rig = rig_create(&broker);
    char text[160];
    assert_false(link_probe(rig_config(rig), 0, text, sizeof text, NULL, 0));
    assert_non_null(strstr(text, "user or password refused"));
    rig_start(rig);
    append_mixture(rig);
    assert_true(rig_work_until_error(rig, "user or password refused", 5.0));
    assert_true(share_of_cpu_while_away(rig, 2.0) < 0.05);
    rig_set_gate(rig, true, "saguaro");
    assert_true(rig_work_until_delivered(rig, 20.0));
    assert_true(link_probe(rig_config(rig), 0, text, sizeof text, NULL, 0));
    assert_string_not_equal(text, "");
    rig_end(rig, NULL, &broker);
}

static void certificate_not_yet_valid_then_valid(void **state)
{
    (void)state;
    struct broker broker;
    broker_prepare(&broker);
    broker_make_certificates(&broker);
    broker_start(&broker, &(struct broker_options){.certificate = "future.pem"});
    struct rig *rig = rig_create(&broker);
    struct config_broker *own = &rig_config(rig)->broker[0];
    own->tls = true;
    snprintf(own->ca_file, sizeof own->ca_file, "%s/ca.pem", broker.folder);
    rig_start(rig);
    append_mixture(rig);
    assert_true(rig_work_until_error(rig, "certificate not trusted", 5.0));
    assert_true(rig_work_until_error(rig, "clock", 5.0));
    assert_true(share_of_cpu_while_away(rig, 2.0) < 0.05);
    broker_kill(&broker, SIGTERM);
    broker_start(&broker, &(struct broker_options){.certificate = "server.pem"});
    assert_true(rig_work_until_delivered(rig, 20.0));
    rig_end(rig, NULL, &broker);
}

static void authority_wrong_then_right(void **state)
{
    (void)state;
    struct broker broker;
    char ca[128], other[128], shown[128];
    broker_prepare(&broker);
    broker_make_certificates(&broker);
    broker_start(&broker, &(struct broker_options){.certificate = "server.pem"});
    struct rig *rig = rig_create(&broker);
    struct config_broker *own = &rig_config(rig)->broker[0];
    snprintf(ca, sizeof ca, "%s/ca.pem", broker.folder);
    snprintf(other, sizeof other, "%s/other-ca.pem", broker.folder);
    snprintf(shown, sizeof shown, "%s/configured-ca.pem", broker.folder);
    own->tls = true;
    snprintf(own->ca_file, sizeof own->ca_file, "%s", shown);
    rig_start(rig);
    append_mixture(rig);
    assert_true(rig_work_until_error(rig, "ca_file", 5.0));
    assert_int_equal(rename(other, shown), 0);
    assert_true(rig_work_until_error(rig, "certificate not trusted", 5.0));
    assert_int_equal(rename(ca, shown), 0);
    assert_true(rig_work_until_delivered(rig, 20.0));
    rig_end(rig, NULL, &broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broker_absent_at_start_then_started),
        cmocka_unit_test(distress_overtakes_what_waits),
        cmocka_unit_test(broker_killed_in_mid_stream_and_session_lost),
        cmocka_unit_test(password_refused_then_corrected),
        cmocka_unit_test(certificate_not_yet_valid_then_valid),
        cmocka_unit_test(authority_wrong_then_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
