/* SPDX-License-Identifier: Apache-2.0 */
/* What a link says at its birth and at its end, what it takes in, and what it makes of brokers that speak old
 * MQTT or misbehave. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "link_rig.h"

static struct link_figures figures_of(struct rig *rig)
{
    struct link_figures figures;
    link_figures(rig_link(rig), &figures);
    return figures;
}

/* Waits until the last payload heard on a topic is this one. */
static bool wait_for(struct collector *collector, const char *topic, const char *payload, double seconds)
{
    double until_s = test_now_s() + seconds;
    do {
        for (size_t i = collector_count(collector); i-- > 0;) {
            struct heard heard = collector_get(collector, i);
            if (strcmp(heard.topic, topic) != 0)
                continue;
            if (strcmp(heard.payload, payload) == 0)
                return true;
            break;
        }
        test_sleep_ms(10);
    } while (test_now_s() < until_s);
    return false;
}

static void documents_are_born_again_at_every_connection(void **state)
{
    (void)state;
    struct broker broker;
    struct rig *rig = rig_create_with_broker(&broker, NULL);
    rig_start(rig);
    assert_true(rig_work_until_state(rig, LINK_UP, 5.0));
    for (int life = 0; life < 2; life++) {
        struct collector *collector = collector_open(broker.port, "#");
        assert_true(wait_for(collector, "atalaya/v1/site/tinajas/status", "{\"state\":\"online\"}", 5.0));
        assert_true(wait_for(collector, "atalaya/v1/site/tinajas/info", "{\"software\":\"test\"}", 5.0));
        assert_true(wait_for(collector, "atalaya/v1/site/tinajas/health", "{\"gpsd\":\"off\"}", 5.0));
        collector_close(collector);
        broker_kill(&broker, SIGKILL);
        assert_true(rig_work_until_state(rig, LINK_DOWN, 5.0));
        broker_start(&broker, &(struct broker_options){0});
        assert_true(rig_work_until_state(rig, LINK_UP, 5.0));
    }
    struct link_figures figures = figures_of(rig);
    assert_int_equal(figures.protocol, 5);
    assert_int_equal(figures.connects, 3);
    assert_string_equal(figures.error, "");
    rig_end(rig, NULL, &broker);
}

static void news_of_a_document_and_receptions_leave_at_once(void **state)
{
    (void)state;
    struct broker broker;
    struct rig *rig = rig_create_with_broker(&broker, NULL);
    struct collector *collector = collector_open(broker.port, "#");
    rig_start(rig);
    assert_true(rig_work_until_state(rig, LINK_UP, 5.0));
    assert_true(wait_for(collector, "atalaya/v1/site/tinajas/health", "{\"gpsd\":\"off\"}", 5.0));
    double began_s = test_now_s();
    assert_int_equal(link_document(rig_link(rig), LINK_HEALTH, "{\"gpsd\":\"ok\"}"), ATALAYA_OK);
    link_rx(rig_link(rig), "{\"raw\":\"00\"}");
    link_respond(rig_link(rig), "site/tinajas/response/c-1", "{\"accepted\":false}", true);
    assert_true(wait_for(collector, "atalaya/v1/site/tinajas/health", "{\"gpsd\":\"ok\"}", 2.0));
    assert_true(wait_for(collector, "atalaya/v1/site/tinajas/rx", "{\"raw\":\"00\"}", 2.0));
    assert_true(wait_for(collector, "atalaya/v1/site/tinajas/response/c-1", "{\"accepted\":false}", 2.0));
    assert_true(test_now_s() - began_s < 0.5); /* far below the link's turn of a second */
    rig_stop(rig, "{\"state\":\"offline\"}");
    assert_true(wait_for(collector, "atalaya/v1/site/tinajas/status", "{\"state\":\"offline\"}", 2.0));
    collector_close(collector);
    broker_remove(&broker);
}

static struct heard last_on(struct collector *collector, const char *topic)
{
    for (size_t i = collector_count(collector); i-- > 0;)
        if (strcmp(collector_get(collector, i).topic, topic) == 0)
            return collector_get(collector, i);
    fail_msg("nothing on %s", topic);
    return (struct heard){0};
}

static void everything_carries_its_type_and_expires_as_contracted(void **state)
{
    (void)state;
    static const struct {
        const char *below;
        unsigned least_s, most_s;
    } topics[] = {{"status", 0, 0},           {"info", 0, 0},
                  {"health", 85, 90},         {"rx", 295, 300},
                  {"response/c-1", 295, 300}, {"message/ocotillo-2", 3590, 3600}};
    struct broker broker;
    struct rig *rig = rig_create_with_broker(&broker, NULL);
    struct collector *collector = collector_open(broker.port, "atalaya/v1/#");
    rig_start(rig);
    assert_true(rig_work_until_state(rig, LINK_UP, 5.0));
    rig_append(rig, SPOOL_MESSAGE, 1);
    link_rx(rig_link(rig), "{}");
    link_respond(rig_link(rig), "site/tinajas/response/c-1", "{}", true);
    assert_true(rig_work_until_delivered(rig, 5.0));
    assert_true(collector_wait(collector, 6, 5.0));
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        char topic[128];
        snprintf(topic, sizeof topic, "atalaya/v1/site/tinajas/%s", topics[i].below);
        struct heard heard = last_on(collector, topic);
        assert_string_equal(heard.content_type, "application/json");
        assert_in_range(heard.expiry_s, topics[i].least_s, topics[i].most_s);
    }
    rig_end(rig, collector, &broker);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void distress_reaches_a_subscriber_fast(void **state)
{
    (void)state;
    enum { TRIES = 40 };
    double took_s[TRIES];
    struct broker broker;
    struct rig *rig = rig_create_with_broker(&broker, NULL);
    struct collector *collector = collector_open(broker.port, "atalaya/v1/site/+/message/#");
    rig_start(rig);
    assert_true(rig_work_until_state(rig, LINK_UP, 5.0));
    for (size_t i = 0; i < TRIES; i++) {
        double began_s = test_now_s();
        rig_append(rig, SPOOL_DISTRESS, 1);
        assert_true(collector_wait(collector, i + 1, 5.0));
        took_s[i] = test_now_s() - began_s;
        rig_work(rig, 0.02);
    }
    qsort(took_s, TRIES, sizeof *took_s, compare_doubles);
    print_message("append to subscriber: median %.1f ms, worst of %d %.1f ms\n", 1e3 * took_s[TRIES / 2],
                  TRIES, 1e3 * took_s[TRIES - 1]);
    assert_true(took_s[TRIES / 2] < 0.1);
    rig_end(rig, collector, &broker);
}

/* The session outlives the connection although each attempt makes a new client: a command sent meanwhile
 * comes, once, and a retained one says that it is. */
static void commands_wait_in_the_session(void **state)
{
    (void)state;
    char topic[256];
    bool retained;
    struct broker broker;
    struct rig *rig = rig_create_with_broker(&broker, NULL);
    struct collector *collector = collector_open(broker.port, "nothing");
    rig_start(rig);
    assert_true(rig_work_until_state(rig, LINK_UP, 5.0));
    rig_work(rig, 0.3);
    collector_publish(collector, "atalaya/v1/site/tinajas/command/transmit", "{}", false);
    rig_work(rig, 0.3);
    assert_int_equal(rig_commands(rig, topic, sizeof topic, &retained), 1);
    assert_string_equal(topic, "site/tinajas/command/transmit");
    assert_false(retained);
    rig_stop(rig, NULL);
    collector_publish(collector, "atalaya/v1/site/tinajas/command/later", "{}", false);
    test_sleep_ms(200);
    rig = rig_create(&broker);
    rig_start(rig);
    assert_true(rig_work_until_state(rig, LINK_UP, 5.0));
    rig_work(rig, 0.3);
    assert_int_equal(rig_commands(rig, topic, sizeof topic, &retained), 1);
    assert_string_equal(topic, "site/tinajas/command/later");
    collector_publish(collector, "atalaya/v1/site/tinajas/command/kept", "{}", true);
    rig_stop(rig, NULL);
    rig = rig_create(&broker);
    rig_start(rig);
    assert_true(rig_work_until_state(rig, LINK_UP, 5.0));
    rig_work(rig, 0.3);
    assert_true(rig_commands(rig, topic, sizeof topic, &retained) >= 1);
    assert_string_equal(topic, "site/tinajas/command/kept");
    assert_true(retained);
    rig_end(rig, collector, &broker);
}

static void what_waited_says_so_and_what_did_not_does_not(void **state)
{
    (void)state;
    struct broker broker;
    struct rig *rig = rig_create_with_broker(&broker, NULL);
    struct collector *collector = collector_open(broker.port, "atalaya/v1/site/+/message/#");
    rig_set_gate(rig, false, NULL);
    rig_start(rig);
    rig_append(rig, SPOOL_MESSAGE, 1);
    rig_work(rig, 5.2);
    rig_set_gate(rig, true, "any");
    assert_true(rig_work_until_delivered(rig, 5.0));
    rig_append(rig, SPOOL_MESSAGE, 1);
    assert_true(rig_work_until_delivered(rig, 5.0));
    assert_true(collector_wait(collector, 2, 2.0));
    assert_string_equal(collector_get(collector, 0).payload, "{\"v\":1,\"id\":\"1-0\",\"delayed\":true}");
    assert_string_equal(collector_get(collector, 1).payload, "{\"v\":1,\"id\":\"1-1\",\"delayed\":false}");
    rig_end(rig, collector, &broker);
}

/* A broker that takes all and acknowledges nothing is left, and left again; then a good one gets everything.
 */
static void swallowing_broker_is_left(void **state)
{
    (void)state;
    struct broker broker;
    struct rig *rig = rig_create_with_broker(&broker, "swallow");
    rig_config(rig)->broker[0].keepalive_s = 5;
    rig_start(rig);
    rig_append(rig, SPOOL_MESSAGE, 30);
    assert_true(rig_work_until_state(rig, LINK_UP, 5.0));
    double began_s = test_now_s();
    assert_true(rig_work_until_error(rig, "acknowledges none", 12.0));
    assert_true(test_now_s() - began_s > 6.0);
    assert_int_equal(figures_of(rig).acknowledged, 0);
    broker_kill(&broker, SIGKILL);
    rig_set_gate(rig, false, NULL);
    assert_true(rig_work_until_error(rig, "password", 5.0));
    broker_start(&broker, &(struct broker_options){0});
    struct collector *collector = collector_open(broker.port, "atalaya/v1/site/+/message/#");
    rig_set_gate(rig, true, "any");
    assert_true(rig_work_until_delivered(rig, 10.0));
    rig_assert_all_heard(rig, collector);
    rig_end(rig, collector, &broker);
}

/* On a quiet day there is nothing but documents: a broker that acknowledges none of them is left too. */
static void broker_that_swallows_documents_is_left(void **state)
{
    (void)state;
    struct broker broker;
    struct rig *rig = rig_create_with_broker(&broker, "swallow");
    rig_config(rig)->broker[0].keepalive_s = 2;
    rig_start(rig);
    assert_true(rig_work_until_state(rig, LINK_UP, 5.0));
    assert_true(rig_work_until_error(rig, "acknowledges none", 8.0));
    assert_int_equal(figures_of(rig).published, 0);
    broker_kill(&broker, SIGKILL);
    broker_start(&broker, &(struct broker_options){0});
    assert_true(rig_work_until_state(rig, LINK_DOWN, 5.0));
    assert_true(rig_work_until_state(rig, LINK_UP, 5.0));
    rig_work(rig, 4.0); /* one that does is believed, without an item too */
    assert_int_equal(figures_of(rig).state, LINK_UP);
    assert_string_equal(figures_of(rig).error, "");
    rig_end(rig, NULL, &broker);
}

/* Each publication waits longer than the link's patience, yet one after the other is acknowledged: nobody
 * hangs up, or it would begin all over again, for ever. */
static void slow_broker_is_kept(void **state)
{
    (void)state;
    struct broker broker;
    struct rig *rig = rig_create_with_broker(&broker, "slow");
    rig_config(rig)->broker[0].keepalive_s = 5;
    rig_start(rig);
    rig_append(rig, SPOOL_MESSAGE, 24);
    assert_true(rig_work_until_delivered(rig, 30.0));
    assert_int_equal(figures_of(rig).connects, 1);
    rig_end(rig, NULL, &broker);
}

static void old_broker(const char *mode)
{
    struct broker broker;
    struct rig *rig = rig_create_with_broker(&broker, mode);
    char text[160];
    assert_true(link_probe(rig_config(rig), 0, text, sizeof text, NULL, 0));
    assert_non_null(strstr(text, "3.1.1"));
    rig_start(rig);
    rig_append(rig, SPOOL_MESSAGE, 50);
    assert_true(rig_work_until_delivered(rig, 10.0));
    assert_int_equal(figures_of(rig).protocol, 4);
    rig_end(rig, NULL, &broker);
}

static void broker_that_refuses_mqtt_5_gets_3_1_1(void **state)
{
    (void)state;
    old_broker("v311");
}

static void broker_that_closes_on_mqtt_5_gets_3_1_1(void **state)
{
    (void)state;
    old_broker("close-v5");
}

/* Refused publications stay in the spool, the link says why and does not hammer the broker. */
static void refused_publications_are_kept_and_reported(void **state)
{
    (void)state;
    struct broker broker;
    struct rig *rig = rig_create_with_broker(&broker, "refuse");
    rig_config(rig)->broker[0].retry_min_s = 0.5;
    rig_start(rig);
    rig_append(rig, SPOOL_MESSAGE, 10);
    assert_true(rig_work_until_error(rig, "broker refuses", 5.0));
    rig_work(rig, 3.0);
    struct link_figures figures = figures_of(rig);
    assert_int_equal(figures.state, LINK_UP);
    assert_int_equal(figures.acknowledged, 0);
    assert_in_range(figures.published, 20, 10 * 8); /* a try each half second and no more */
    broker_kill(&broker, SIGKILL);
    broker_start(&broker, &(struct broker_options){0});
    assert_true(rig_work_until_delivered(rig, 10.0));
    rig_end(rig, NULL, &broker);
}

/* A broker whose access list forgets one topic: what may not be said there piles up, and a call for help
 * passes it. */
static void a_topic_that_is_refused_does_not_hold_up_a_distress(void **state)
{
    (void)state;
    struct broker broker;
    char acl[96], extra[192];
    broker_prepare(&broker);
    snprintf(acl, sizeof acl, "%s/acl", broker.folder);
    FILE *file = fopen(acl, "w");
    assert_non_null(file);
    fputs(
        "topic readwrite #\nuser tinajas\ntopic readwrite #\ntopic deny atalaya/v1/site/tinajas/message/#\n",
        file);
    assert_int_equal(fclose(file), 0);
    snprintf(extra, sizeof extra, "max_queued_messages 1000\nacl_file %s\n", acl);
    broker_start(&broker, &(struct broker_options){.extra = extra});
    struct collector *collector = collector_open(broker.port, "atalaya/v1/site/tinajas/distress/#");
    struct rig *rig = rig_create(&broker);
    rig_config(rig)->broker[0].retry_min_s = rig_config(rig)->broker[0].retry_max_s = 60.0;
    rig_start(rig);
    rig_append(rig, SPOOL_MESSAGE, 600);
    assert_true(rig_work_until_error(rig, "broker refuses", 5.0));
    rig_work(rig, 1.0);
    struct spool_item item = {
        .class = SPOOL_DISTRESS, .topic = "site/tinajas/distress/tinajas-1-1", .payload = "{}", .length = 2};
    assert_int_equal(spool_append(rig_spool(rig), &item), ATALAYA_OK);
    link_wake(rig_link(rig));
    assert_true(collector_wait(collector, 1, 5.0));
    rig_end(rig, collector, &broker);
}

/* It ends while the broker acknowledges nothing, so that its last status waits behind other things: who says
 * good-bye then takes its will along, and the site would stand there as online for ever. */
static void a_site_that_cannot_say_that_it_ends_leaves_its_will(void **state)
{
    (void)state;
    static char text[65536];
    struct broker broker;
    char path[96];
    struct rig *rig = rig_create_with_broker(&broker, "swallow");
    rig_start(rig);
    rig_append(rig, SPOOL_DISTRESS, 40);
    assert_true(rig_work_until_state(rig, LINK_UP, 5.0));
    rig_work(rig, 0.5);
    rig_stop(rig, "{\"state\":\"ended\"}");
    test_sleep_ms(300);
    snprintf(path, sizeof path, "%s/log", broker.folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    assert_non_null(strstr(text, "online"));
    assert_true(strstr(text, "ended") || !strstr(text, "DISCONNECT"));
    broker_remove(&broker);
}

static void words_for_what_is_wrong(void **state)
{
    (void)state;
    char text[160];
    struct broker broker;
    broker_prepare(&broker);
    struct rig *rig = rig_create(&broker);
    struct config_broker *own = &rig_config(rig)->broker[0];
    assert_false(link_probe(rig_config(rig), 0, text, sizeof text, NULL, 0));
    assert_non_null(strstr(text, "is the broker running?"));
    snprintf(own->host, sizeof own->host, "no-such-host.invalid");
    assert_false(link_probe(rig_config(rig), 0, text, sizeof text, NULL, 0));
    assert_non_null(strstr(text, "name 'no-such-host.invalid' does not resolve"));
    snprintf(own->host, sizeof own->host, "127.0.0.1");
    broker_start_fake(&broker, "not-mqtt");
    assert_false(link_probe(rig_config(rig), 0, text, sizeof text, NULL, 0));
    assert_non_null(strstr(text, "is it an MQTT broker"));
    rig_set_gate(rig, false, NULL);
    assert_false(link_probe(rig_config(rig), 0, text, sizeof text, NULL, 0));
    assert_non_null(strstr(text, "cannot be read"));
    rig_start(rig);
    rig_end(rig, NULL, &broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_born_again_at_every_connection),
        cmocka_unit_test(news_of_a_document_and_receptions_leave_at_once),
        cmocka_unit_test(everything_carries_its_type_and_expires_as_contracted),
        cmocka_unit_test(distress_reaches_a_subscriber_fast),
        cmocka_unit_test(commands_wait_in_the_session),
        cmocka_unit_test(what_waited_says_so_and_what_did_not_does_not),
        cmocka_unit_test(swallowing_broker_is_left),
        cmocka_unit_test(broker_that_swallows_documents_is_left),
        cmocka_unit_test(slow_broker_is_kept),
        cmocka_unit_test(broker_that_refuses_mqtt_5_gets_3_1_1),
        cmocka_unit_test(broker_that_closes_on_mqtt_5_gets_3_1_1),
        cmocka_unit_test(refused_publications_are_kept_and_reported),
        cmocka_unit_test(a_topic_that_is_refused_does_not_hold_up_a_distress),
        cmocka_unit_test(a_site_that_cannot_say_that_it_ends_leaves_its_will),
        cmocka_unit_test(words_for_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
