/* SPDX-License-Identifier: Apache-2.0 */
#include "answer_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "port_bench.h"
#include "tnc_site.h"

struct answer_rig answer_rig;

static enum answer_reach reach(void *context, const struct distress *distress)
{
    (void)context;
    return answers_reach(answer_rig.answers, distress);
}

static void on_told(void *context, const struct errand_news *news)
{
    (void)context;
    answers_told(answer_rig.answers, news);
}

void answer_rig_open(void)
{
    struct config *config = &answer_rig.fixture->config;
    fixture_open(answer_rig.fixture);
    answer_rig.maker.boot = spool_boot(answer_rig.fixture->spool);
    answer_rig.maker.seq = 0;
    strcpy(answer_rig.maker.site_id, "dome");
    assert_int_equal(site_create(config, &answer_rig.maker.site), ATALAYA_OK);
    answer_rig.answers = NULL;
    const struct desk_setting desk = {.spool = answer_rig.fixture->spool,
                                      .maker = &answer_rig.maker,
                                      .config = config,
                                      .windows = {600, 60},
                                      .reach = reach};
    assert_int_equal(desk_create(&desk, &answer_rig.desk), ATALAYA_OK);
    assert_int_equal(routes_create(config, &answer_rig.routes), ATALAYA_OK);
    const struct errands_setting errands = {
        .transmitters = answer_rig.transmitters, .tncs = answer_rig.tncs, .told = on_told};
    assert_int_equal(errands_create(&errands, &answer_rig.errands), ATALAYA_OK);
    const struct answers_setting answers = {config, answer_rig.desk, answer_rig.routes, answer_rig.errands,
                                            "dome"};
    assert_int_equal(answers_create(&answers, &answer_rig.answers), ATALAYA_OK);
}

void answer_rig_close(void)
{
    answers_destroy(answer_rig.answers);
    errands_destroy(answer_rig.errands);
    routes_destroy(answer_rig.routes);
    desk_destroy(answer_rig.desk);
    site_destroy(answer_rig.maker.site);
    fixture_close(answer_rig.fixture);
}

static void configure(struct config *config)
{
    tnc_site_configure(config);
    config->answer = (struct config_answer){.heard = true,
                                            .received = true,
                                            .acknowledged = true,
                                            .heard_text = HEARD,
                                            .received_text = RECEIVED,
                                            .acknowledged_text = PERSON,
                                            .silence_s = 15,
                                            .repeats = 0,
                                            .repeat_s = 1};
    config->distress.windows.join_s = 600;
}

void answer_rig_plug(void)
{
    struct config_source *source = &answer_rig.fixture->config.source[0];
    answer_rig.far = far_end_open(O_NONBLOCK, source->device, sizeof source->device);
    assert_int_equal(tnc_create(answer_rig.event, source, tnc_site_deaf, NULL, &answer_rig.tnc), ATALAYA_OK);
    answer_rig.tncs[0] = answer_rig.tnc;
}

void answer_rig_unplug(void)
{
    if (answer_rig.tncs[0])
        tnc_destroy(answer_rig.tnc);
    answer_rig.tncs[0] = NULL;
    if (answer_rig.far >= 0)
        (void)close(answer_rig.far);
    answer_rig.far = -1;
}

int answer_rig_set_up(void **state)
{
    (void)state;
    memset(&answer_rig, 0, sizeof answer_rig);
    answer_rig.fixture = fixture_create(1);
    configure(&answer_rig.fixture->config);
    assert_true(sd_event_new(&answer_rig.event) >= 0);
    answer_rig.now_ns = clock_mono_ns() + 10 * SECOND_NS;
    answer_rig_plug();
    answer_rig_open();
    return 0;
}

int answer_rig_tear_down(void **state)
{
    (void)state;
    answer_rig_close();
    answer_rig_unplug();
    (void)sd_event_unref(answer_rig.event);
    fixture_destroy(answer_rig.fixture);
    return 0;
}

void answer_rig_call(const char *unit, bool test)
{
    char name[CONFIG_TEXT_MAX];
    snprintf(name, sizeof name, "ax25.%s", unit);
    answer_rig_call_by("ax25", unit, name, test);
}

static struct reception reception;

void answer_rig_hear(const char *protocol, const char *radio, const char *unit)
{
    reception_reset(&reception);
    message_reset(&reception.message, protocol, protocol_find(protocol)->protocol->address_space);
    snprintf(reception.message.unit, sizeof reception.message.unit, "%s", radio);
    strcpy(reception.channel, "aprs");
    reception.mono_ns = clock_mono_ns();
    routes_hear(answer_rig.routes, &reception, unit);
}

void answer_rig_call_by(const char *protocol, const char *radio, const char *unit, bool test)
{
    struct unit_identity who = {.known = true};
    struct words_verdict verdict = {.distress = DISTRESS_RAISED, .test = test, .reason = "button"};
    snprintf(who.name, sizeof who.name, "%s", unit);
    answer_rig_hear(protocol, radio, unit);
    desk_hear(answer_rig.desk, &(struct desk_call){&reception, &who, &verdict, clock_utc_ns(), NULL, NULL});
}

static struct distress found;

static void keep(void *context, const struct distress *distress)
{
    (void)context;
    found = *distress;
}

const struct distress *answer_rig_newest(void)
{
    desk_visit(answer_rig.desk, keep, NULL);
    return &found;
}

enum distress_outcome answer_rig_step(enum distress_state state)
{
    const struct distress *after;
    char id[DISTRESS_ID_MAX];
    memcpy(id, answer_rig_newest()->id, sizeof id);
    return desk_step(answer_rig.desk, &(struct desk_order){id, state, "yuma", "hq", NULL}, &after);
}

/* Seconds go by, one turn each; what the TNC is handed counts as keyed at the next. */
void answer_rig_pass(int seconds)
{
    for (int i = 0; i < seconds; i++) {
        answer_rig.now_ns += SECOND_NS;
        errands_tick(answer_rig.errands, answer_rig.now_ns);
        answers_tick(answer_rig.answers, answer_rig.now_ns);
    }
}

/* How often the TNC was told so. */
unsigned answer_rig_said(const char *text)
{
    unsigned count = 0;
    ssize_t got;
    while (answer_rig.far >= 0 && (got = read(answer_rig.far, answer_rig.said + answer_rig.said_length,
                                              sizeof answer_rig.said - 1 - answer_rig.said_length)) > 0)
        answer_rig.said_length += (size_t)got;
    for (size_t at = 0; at + strlen(text) <= answer_rig.said_length; at++)
        count += memcmp(answer_rig.said + at, text, strlen(text)) == 0;
    return count;
}

void answer_rig_confirm(void)
{
    char *brace = NULL, number[8] = "";
    for (size_t at = 0; at < answer_rig.said_length; at++)
        if (answer_rig.said[at] == '{')
            brace = answer_rig.said + at;
    assert_non_null(brace);
    for (size_t i = 0; i < 5 && brace[1 + i] >= '0' && brace[1 + i] <= '9'; i++)
        number[i] = brace[1 + i];
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    reception.message.kind = MESSAGE_ACKNOWLEDGE;
    strcpy(reception.message.unit, "N0CALL-7");
    strcpy(reception.message.to, "N0CALL-10");
    (void)message_add_string(&reception.message, "ack_id", number);
    errands_hear(answer_rig.errands, &reception);
}
