/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told of what was heard, and what the radio is told of that: nobody learns of a radio that is not in
 * the registry unless it calls for help, and a radio is told that its text has come when that is so, and then
 * alone. The radio is a KISS TNC on a pseudo-terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../gateway/publisher.h"
#include "../../../gateway/transmit/dialogue.h"
#include "atalaya/gateway/clock.h"
#include "port_bench.h"
#include "spool_fixture.h"
#include "tnc_site.h"

static struct {
    struct spool_fixture *fixture;
    struct envelope_maker maker;
    struct publisher publisher;
    struct routes *routes;
    struct errands *errands;
    struct dialogue dialogue;
    sd_event *event;
    struct tnc *tncs[1];
    struct transmitter *transmitters[1];
    int far;
    char said[20000];
    size_t said_length;
} rig;

static void configure(struct config *config)
{
    tnc_site_configure(config);
    config->transmitter[0].unit_per_hour = 6;
    strcpy(config->site.id, "dome");
    config->site.allow_list = true;
    config->unit_count = 1;
    strcpy(config->unit[0].name, "patrol-7");
    config->unit[0].radio_count = 1;
    strcpy(config->unit[0].radios[0], "ax25.N0CALL-7");
    config->distress.text_count = 1;
    strcpy(config->distress.texts[0], "SOS");
    config->distress.windows = (struct distress_windows){600, 60};
    config->code_count = 1;
    strcpy(config->code[0].name, "all-well");
    config->code[0].match_count = 1;
    strcpy(config->code[0].match[0], "ax25.status=5");
    config->code[0].distress = CODE_CANCELS;
    config->spool.batch_s = 60; /* nothing is on disk by itself */
}

static void make_radio(void)
{
    struct config *config = &rig.fixture->config;
    assert_true(sd_event_new(&rig.event) >= 0);
    rig.far = far_end_open(O_NONBLOCK, config->source[0].device, sizeof config->source[0].device);
    assert_int_equal(tnc_create(rig.event, &config->source[0], tnc_site_deaf, NULL, &rig.tncs[0]),
                     ATALAYA_OK);
    assert_int_equal(routes_create(config, &rig.routes), ATALAYA_OK);
    const struct errands_setting errands = {.transmitters = rig.transmitters, .tncs = rig.tncs};
    assert_int_equal(errands_create(&errands, &rig.errands), ATALAYA_OK);
    rig.dialogue = (struct dialogue){.routes = rig.routes, .errands = rig.errands, .unit_per_hour = 60};
}

static void know(bool patrol_7)
{
    struct config *config = &rig.fixture->config;
    units_destroy(rig.publisher.units);
    config->unit_count = patrol_7;
    assert_int_equal(units_create(config, &rig.publisher.units), ATALAYA_OK);
}

static int set_up(void **state)
{
    struct publisher *p = &rig.publisher;
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.fixture = fixture_create(2);
    struct config *config = &rig.fixture->config;
    configure(config);
    fixture_open(rig.fixture);
    make_radio();
    strcpy(rig.maker.site_id, "dome");
    assert_int_equal(site_create(config, &rig.maker.site), ATALAYA_OK);
    *p = (struct publisher){.spool = rig.fixture->spool,
                            .maker = &rig.maker,
                            .config = config,
                            .dialogue = &rig.dialogue,
                            .allow_list = true,
                            .join_s = 600};
    assert_int_equal(words_create(&config->distress, &p->words), ATALAYA_OK);
    words_set_codes(p->words, config->code, config->code_count);
    assert_int_equal(whereabouts_create(p->spool, &p->whereabouts), ATALAYA_OK);
    assert_int_equal(shown_create(p->spool, config, &p->shown), ATALAYA_OK);
    know(true);
    const struct desk_setting desk = {
        .spool = p->spool, .maker = &rig.maker, .config = config, .windows = config->distress.windows};
    assert_int_equal(desk_create(&desk, &p->desk), ATALAYA_OK);
    return 0;
}

static int tear_down(void **state)
{
    struct publisher *p = &rig.publisher;
    (void)state;
    desk_destroy(p->desk);
    units_destroy(p->units);
    whereabouts_destroy(p->whereabouts);
    shown_destroy(p->shown);
    words_destroy(p->words);
    site_destroy(rig.maker.site);
    errands_destroy(rig.errands);
    routes_destroy(rig.routes);
    tnc_destroy(rig.tncs[0]);
    (void)close(rig.far);
    (void)sd_event_unref(rig.event);
    fixture_destroy(rig.fixture);
    return 0;
}

static struct reception *heard(const char *unit, enum message_kind kind)
{
    static struct reception reception;
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    reception.message.kind = kind;
    snprintf(reception.message.unit, sizeof reception.message.unit, "%s", unit);
    strcpy(reception.channel, "aprs");
    reception.mono_ns = clock_mono_ns();
    return &reception;
}

/* Ten seconds after the last time: in the same second it would be the same burst at another receiver. */
static void say_to_the_site(const char *unit, const char *text, const char *number)
{
    static int64_t later_ns;
    struct reception *reception = heard(unit, MESSAGE_TEXT);
    reception->mono_ns += later_ns += INT64_C(10000000000);
    strcpy(reception->message.to, "N0CALL-10");
    assert_int_equal(message_add_string(&reception->message, "text", text), ATALAYA_OK);
    assert_int_equal(message_add_string(&reception->message, "message_id", number), ATALAYA_OK);
    reception->dedupe = 1 + strtoull(number, NULL, 10);
    publisher_execute(&rig.publisher, reception);
    errands_tick(rig.errands, clock_mono_ns());
}

/* How often the radio was told that. */
static unsigned said(const char *text)
{
    unsigned count = 0;
    ssize_t got;
    while ((got = read(rig.far, rig.said + rig.said_length, sizeof rig.said - 1 - rig.said_length)) > 0)
        rig.said_length += (size_t)got;
    for (size_t at = 0; at + strlen(text) <= rig.said_length; at++)
        count += memcmp(rig.said + at, text, strlen(text)) == 0;
    return count;
}

struct search {
    const char *word;
    unsigned found, cleared; /* documents; and what takes one back */
};

static void look(void *context, const struct spool_item *item)
{
    struct search *search = context;
    bool named = strstr(item->topic, search->word);
    search->cleared += item->length == 0 && item->retain && named;
    search->found += item->length > 0 &&
                     (named || memmem(item->payload, item->length, search->word, strlen(search->word)));
}

/* What the broker would be sent with that word in it, or in its topic. */
static struct search sent(const char *broker, const char *word)
{
    struct search search = {.word = word};
    struct spool_reader *reader;
    size_t count;
    int64_t none;
    assert_int_equal(spool_commit(rig.fixture->spool), ATALAYA_OK);
    assert_int_equal(spool_reader_open(rig.fixture->config.spool.path, broker, &reader), ATALAYA_OK);
    assert_int_equal(spool_reader_next(reader, &none, 0, 256, look, &search, &count), ATALAYA_OK);
    spool_reader_close(reader);
    return search;
}

static unsigned documents_with(const char *word)
{
    return sent("b0", word).found;
}

/* As after a cut of power. */
static unsigned on_disk_with(const char *word)
{
    char command[600];
    snprintf(command, sizeof command, "cat '%s'/*/spool.db* | grep -ac '%s'", rig.fixture->folder, word);
    FILE *counted = popen(command, "r");
    unsigned count = 0;
    assert_non_null(counted);
    assert_int_equal(fscanf(counted, "%u", &count), 1);
    (void)pclose(counted);
    return count;
}

static void a_text_is_acknowledged_when_it_is_on_disk_and_counts_once(void **state)
{
    (void)state;
    say_to_the_site("N0CALL-7", "on our way", "41");
    assert_int_equal(said(":ack41"), 1);
    assert_true(on_disk_with("on our way") > 0);
    say_to_the_site("N0CALL-7", "on our way", "41");
    assert_int_equal(said(":ack41"), 2);
    assert_int_equal(documents_with("on our way"), 1);
}

/* The crew's new radio is called in: what it said before was refused, and it still says it. */
static void what_was_refused_is_new_when_it_is_said_again(void **state)
{
    (void)state;
    know(false);
    say_to_the_site("N0CALL-7", "on our way", "41");
    assert_true(said(":rej41") == 1 && documents_with("on our way") == 0);
    know(true);
    say_to_the_site("N0CALL-7", "on our way", "41");
    assert_int_equal(said(":ack41"), 1);
    assert_int_equal(documents_with("on our way"), 1);
}

/* Every centre of the site asks for positions only. */
static void what_nobody_is_to_have_is_not_acknowledged(void **state)
{
    struct config *config = &rig.fixture->config;
    (void)state;
    config->centre_count = 1;
    strcpy(config->centre[0].name, "yuma");
    config->centre[0].area_km = (double)NAN;
    config->centre[0].kind_count = 1;
    strcpy(config->centre[0].kinds[0], "position");
    say_to_the_site("N0CALL-7", "on our way", "41");
    assert_true(said(":ack41") == 0 && said(":rej41") == 1);
    say_to_the_site("N0CALL-7", "SOS on our way", "42"); /* but a call for help has gone to all of them */
    assert_true(said(":ack42") == 1 && documents_with("SOS") > 0);
}

static void press(const char *unit, bool raise)
{
    struct reception *reception = heard(unit, MESSAGE_STATUS);
    reception->message.has_position = true;
    reception->message.position.lat_deg = 31.48;
    reception->message.position.lon_deg = -111.53;
    reception->message.distress = raise ? DISTRESS_RAISED : DISTRESS_NONE;
    if (!raise)
        assert_int_equal(message_add_integer(&reception->message, "status", 5), ATALAYA_OK);
    publisher_execute(&rig.publisher, reception);
}

/* The number that takes a call back in this fleet says something else in another's. */
static void a_stranger_that_takes_back_what_it_never_raised_is_told_to_nobody(void **state)
{
    (void)state;
    press("N0CALL-3", false);
    assert_true(documents_with("N0CALL-3") == 0 && documents_with("31.48") == 0);
    assert_int_equal(rig.publisher.counts.withheld, 1);
    press("N0CALL-3", true);
    assert_true(documents_with("distress/dome") > 0 && documents_with("N0CALL-3") > 0);
    assert_int_equal(documents_with("unit/ax25.N0CALL-3"), 0); /* nothing that outlives the call */
    assert_int_equal(desk_open_count(rig.publisher.desk), 1);
    unsigned before = documents_with("N0CALL-3");
    press("N0CALL-3", false);
    assert_int_equal(desk_open_count(rig.publisher.desk), 0);
    assert_true(documents_with("N0CALL-3") > before); /* that it is over is told */
    before = documents_with("N0CALL-3");
    press("N0CALL-3", false);
    assert_int_equal(documents_with("N0CALL-3"), before);
}

static void be_somewhere(const char *unit)
{
    struct reception *reception = heard(unit, MESSAGE_POSITION);
    reception->message.has_position = true;
    reception->message.position.lat_deg = 31.48;
    reception->message.position.lon_deg = -111.53;
    publisher_execute(&rig.publisher, reception);
}

static void restart(void)
{
    struct publisher *p = &rig.publisher;
    assert_int_equal(spool_commit(p->spool), ATALAYA_OK);
    shown_destroy(p->shown);
    assert_int_equal(shown_create(p->spool, &rig.fixture->config, &p->shown), ATALAYA_OK);
    shown_review(p->shown, p->units);
}

/* The crew changes sides, or its radio is lost: where it was last must not stand at a broker for a day. */
static void who_is_taken_off_the_list_is_taken_back(void **state)
{
    (void)state;
    be_somewhere("N0CALL-7");
    shown_review(rig.publisher.shown, rig.publisher.units);
    restart();
    assert_true(sent("b0", "unit/patrol-7").found == 1 && sent("b0", "unit/patrol-7").cleared == 0);
    know(false);
    restart();
    for (unsigned b = 0; b < 2; b++) {
        struct search unit = sent(b ? "b1" : "b0", "unit/patrol-7");
        assert_true(unit.found == 0 && unit.cleared == 1);
    }
    restart(); /* once is enough */
    assert_int_equal(sent("b0", "unit/patrol-7").cleared, 1);
}

static void whom_the_list_let_pass_when_it_was_off_is_taken_back_too(void **state)
{
    struct config *config = &rig.fixture->config;
    (void)state;
    rig.publisher.allow_list = config->site.allow_list = false;
    be_somewhere("N0CALL-3");
    restart();
    assert_true(sent("b0", "N0CALL-3").found > 0 && sent("b0", "unit/ax25.N0CALL-3").cleared == 0);
    rig.publisher.allow_list = config->site.allow_list = true;
    shown_review(rig.publisher.shown, rig.publisher.units);
    assert_int_equal(sent("b0", "unit/ax25.N0CALL-3").cleared, 1);
}

/* To whom it was never shown its name is none of his business, and a topic is a name. */
static void it_is_taken_back_where_it_was_shown_alone(void **state)
{
    struct config *config = &rig.fixture->config;
    (void)state;
    config->centre_count = 2;
    for (unsigned i = 0; i < 2; i++) {
        struct config_centre *centre = &config->centre[i];
        snprintf(centre->name, sizeof centre->name, "c%u", i);
        centre->broker_count = centre->unit_count = 1;
        snprintf(centre->brokers[0], sizeof centre->brokers[0], "b%u", i);
        strcpy(centre->units[0], i == 0 ? "patrol-*" : "air-*");
        centre->area_km = (double)NAN;
    }
    be_somewhere("N0CALL-7");
    know(false);
    restart();
    assert_int_equal(sent("b0", "unit/patrol-7").cleared, 1);
    assert_true(sent("b1", "patrol-7").found == 0 && sent("b1", "patrol-7").cleared == 0);
}

static void a_centre_that_is_not_to_have_it_any_more_loses_it(void **state)
{
    struct config *config = &rig.fixture->config;
    (void)state;
    be_somewhere("N0CALL-7");
    restart();
    assert_int_equal(sent("b1", "unit/patrol-7").cleared, 0);
    config->centre_count = 1;
    strcpy(config->centre[0].name, "air");
    config->centre[0].broker_count = config->centre[0].unit_count = 1;
    strcpy(config->centre[0].brokers[0], "b1");
    strcpy(config->centre[0].units[0], "air-*");
    config->centre[0].area_km = (double)NAN;
    restart();
    assert_true(sent("b1", "unit/patrol-7").cleared == 1 && sent("b0", "unit/patrol-7").cleared == 0);
}

static void a_place_that_may_be_told_coarsely_only_is_taken_back(void **state)
{
    struct config *config = &rig.fixture->config;
    (void)state;
    be_somewhere("N0CALL-7");
    restart();
    config->broker[1].position_precision_m = 5000;
    restart();
    assert_int_equal(sent("b0", "unit/patrol-7").cleared, 0);
    assert_int_equal(sent("b1", "unit/patrol-7").cleared, 1);
    be_somewhere("N0CALL-7");
    restart();
    assert_int_equal(sent("b1", "unit/patrol-7").found, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_text_is_acknowledged_when_it_is_on_disk_and_counts_once),
        TEST(what_was_refused_is_new_when_it_is_said_again),
        TEST(what_nobody_is_to_have_is_not_acknowledged),
        TEST(who_is_taken_off_the_list_is_taken_back),
        TEST(whom_the_list_let_pass_when_it_was_off_is_taken_back_too),
        TEST(it_is_taken_back_where_it_was_shown_alone),
        TEST(a_centre_that_is_not_to_have_it_any_more_loses_it),
        TEST(a_place_that_may_be_told_coarsely_only_is_taken_back),
        TEST(a_stranger_that_takes_back_what_it_never_raised_is_told_to_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
