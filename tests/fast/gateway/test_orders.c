/* SPDX-License-Identifier: Apache-2.0 */
/* Commands are obeyed once, from a key that may, and refused with their reason otherwise, also across
 * restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../gateway/desk.h"
#include "../../../gateway/lifecycle/orders.h"
#include "../../../gateway/lifecycle/replay.h"
#include "../../../gateway/lifecycle/signature.h"
#include "../../../gateway/lifecycle/throttle.h"
#include "atalaya/gateway/clock.h"
#include "spool_fixture.h"

#define SECOND_NS INT64_C(1000000000)

static struct {
    struct spool_fixture *fixture;
    struct envelope_maker maker;
    struct desk *desk;
    struct orders *orders;
    struct signature_key yuma, ajo, stranger;
    struct inbound_command command;
    unsigned reloads, serial, said;
    bool mute;     /* no transmitter */
    bool unusable; /* the configuration file */
} rig;

static bool on_reload(void *context)
{
    (void)context;
    rig.reloads++;
    return !rig.unusable;
}

static void on_say(void *context, const char *centre, unsigned broker, struct inbound_command *command)
{
    (void)context, (void)centre, (void)broker;
    rig.said++;
    command->queued = true;
}

static void open_all(void)
{
    fixture_open(rig.fixture);
    rig.maker.boot = spool_boot(rig.fixture->spool);
    rig.maker.seq = 0;
    strcpy(rig.maker.site_id, "test");
    assert_int_equal(site_create(&rig.fixture->config, &rig.maker.site), ATALAYA_OK);
    const struct desk_setting desk = {.spool = rig.fixture->spool,
                                      .maker = &rig.maker,
                                      .config = &rig.fixture->config,
                                      .windows = {600, 60}};
    assert_int_equal(desk_create(&desk, &rig.desk), ATALAYA_OK);
    const struct orders_setting setting = {.config = &rig.fixture->config,
                                           .spool = rig.fixture->spool,
                                           .desk = rig.desk,
                                           .site = rig.maker.site,
                                           .reload = on_reload,
                                           .say = rig.mute ? NULL : on_say};
    assert_int_equal(orders_create(&setting, &rig.orders), ATALAYA_OK);
}

static void close_all(void)
{
    orders_destroy(rig.orders);
    desk_destroy(rig.desk);
    site_destroy(rig.maker.site);
    fixture_close(rig.fixture);
}

static void add_signer(const struct signature_key *key, unsigned centre, const char *may)
{
    struct config *config = &rig.fixture->config;
    struct config_signer *signer = &config->signer[config->signer_count++];
    strcpy(signer->name, key->name);
    signer->centre = centre;
    signature_write(key->public_key, sizeof key->public_key, signer->public_key);
    for (const char *word = may; *word; word += strspn(word, " ")) {
        size_t length = strcspn(word, " ");
        memcpy(signer->may[signer->may_count++], word, length);
        word += length;
    }
}

static int set_up(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.fixture = fixture_create(2);
    struct config *config = &rig.fixture->config;
    config->command.skew_s = 120;
    config->centre_count = 2;
    strcpy(config->centre[0].name, "yuma");
    strcpy(config->centre[1].name, "ajo");
    config->centre[1].broker_count = 1;
    strcpy(config->centre[1].brokers[0], "b1");
    assert_true(signature_key_generate("yuma-1", &rig.yuma) && signature_key_generate("ajo-1", &rig.ajo) &&
                signature_key_generate("yuma-1", &rig.stranger));
    add_signer(&rig.yuma, 0, "received acknowledge clear ping reload message");
    add_signer(&rig.ajo, 1, "received ping");
    open_all();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close_all();
    fixture_destroy(rig.fixture);
    return 0;
}

static const char *raise_distress(bool test)
{
    static char id[DISTRESS_ID_MAX];
    static struct reception reception;
    struct unit_identity who = {.name = "patrol-1", .known = true};
    struct words_verdict verdict = {.distress = DISTRESS_RAISED, .test = test, .reason = "button"};
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    reception.mono_ns = clock_mono_ns();
    snprintf(id, sizeof id, "test-%d-%d", (int)rig.maker.boot, (int)rig.maker.seq + 1);
    desk_hear(rig.desk, &(struct desk_call){&reception, &who, &verdict, clock_utc_ns(), NULL, NULL});
    assert_non_null(desk_find(rig.desk, id));
    return id;
}

struct order {
    const char *name, *id, *centre, *distress, *person, *outcome, *unit, *text;
    const struct signature_key *key; /* NULL = unsigned */
    int64_t time_ns, life_s;         /* 0: now, 60 s */
    bool test;
    char spoil; /* 'b' a bit of the signature, 'n' the name of the command, 's' meant for another site */
};

static json_t *make(const struct order *order)
{
    char id[32], time[CLOCK_TEXT_MAX], expires[CLOCK_TEXT_MAX];
    int64_t time_ns = order->time_ns ? order->time_ns : clock_utc_ns();
    snprintf(id, sizeof id, "c-%u", rig.serial++);
    json_t *object =
        json_pack("{s:i, s:s, s:s, s:s, s:b}", "v", 1, "id", order->id ? order->id : id, "time",
                  clock_format(time_ns, time), "expires",
                  clock_format(time_ns + (order->life_s ? order->life_s : 60) * SECOND_NS, expires), "test",
                  order->test);
    json_t *arguments =
        json_pack("{s:s*, s:s*, s:s*, s:s*, s:s*}", "distress", order->distress, "person", order->person,
                  "outcome", order->outcome, "unit", order->unit, "text", order->text);
    json_object_set_new(object, "arguments", arguments);
    if (order->centre)
        json_object_set_new(object, "centre", json_string(order->centre));
    return object;
}

static void sign(const struct order *order, json_t *object)
{
    static char bytes[INBOUND_SIGNED_MAX];
    unsigned char signature[SIGNATURE_BYTES];
    char text[SIGNATURE_TEXT_MAX];
    size_t length = inbound_signed_bytes(order->spoil == 's' ? "other" : "test",
                                         order->spoil == 'n' ? "clear" : order->name, object, bytes);
    assert_true(length > 0);
    signature_make(bytes, length, order->key, signature);
    signature[10] ^= order->spoil == 'b';
    json_object_set_new(object, "signature",
                        json_pack("{s:s, s:s, s:s}", "key", order->key->name, "algorithm", "ed25519", "value",
                                  signature_write(signature, sizeof signature, text)));
}

static const char *send_through(unsigned broker, struct order order)
{
    char topic[64];
    json_t *object = make(&order);
    if (order.key)
        sign(&order, object);
    char *payload = json_dumps(object, 0);
    snprintf(topic, sizeof topic, "site/test/command/%s", order.name);
    inbound_judge("test", topic, payload, strlen(payload), false, &rig.command);
    orders_execute(rig.orders, broker, &rig.command);
    free(payload);
    json_decref(object);
    return inbound_refusal_text(rig.command.refusal);
}
#define SEND(...) send_through(0, (struct order){__VA_ARGS__})

static void a_distress_goes_from_raised_to_cleared(void **state)
{
    (void)state;
    const char *id = raise_distress(false);
    assert_string_equal(SEND(.name = "received", .distress = id, .key = &rig.ajo), "accepted");
    assert_string_equal(SEND(.name = "acknowledge", .distress = id, .person = "Ana Ruiz", .key = &rig.yuma),
                        "accepted");
    const struct distress *distress = desk_find(rig.desk, id);
    assert_int_equal(distress->state, DISTRESS_STATE_ACKNOWLEDGED);
    assert_string_equal(distress->history[1].by, "ajo");
    assert_string_equal(distress->history[2].by, "Ana Ruiz (yuma)");
    assert_string_equal(distress->history[2].through, "b0");
    assert_string_equal(
        SEND(.name = "clear", .distress = id, .person = "Ana Ruiz", .outcome = "cleared", .key = &rig.yuma),
        "accepted");
    assert_int_equal(desk_open_count(rig.desk), 0);
    assert_string_equal(SEND(.name = "acknowledge", .distress = id, .person = "Luis", .key = &rig.yuma),
                        "not_possible");
    assert_non_null(strstr(rig.command.detail, "cleared"));
}

static void what_is_wrong_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    const char *id = raise_distress(false);
    int64_t now_ns = clock_utc_ns();
#define ACK .name = "acknowledge", .distress = id, .person = "Ana"
    assert_string_equal(SEND(ACK), "unsigned");
    assert_string_equal(SEND(ACK, .centre = "yuma"), "unsigned");
    assert_string_equal(SEND(ACK, .key = &rig.stranger), "bad_signature"); /* it bears a known name */
    strcpy(rig.stranger.name, "nobody");
    assert_string_equal(SEND(ACK, .key = &rig.stranger), "unknown_key");
    assert_string_equal(SEND(ACK, .key = &rig.yuma, .spoil = 'b'), "bad_signature");
    assert_string_equal(SEND(ACK, .key = &rig.yuma, .spoil = 'n'), "bad_signature");
    assert_string_equal(SEND(ACK, .key = &rig.yuma, .spoil = 's'), "bad_signature");
    assert_string_equal(SEND(ACK, .key = &rig.ajo), "out_of_scope");
    assert_string_equal(SEND(ACK, .key = &rig.yuma, .centre = "ajo"), "out_of_scope");
    assert_string_equal(SEND(ACK, .key = &rig.yuma, .test = true), "out_of_scope");
    assert_string_equal(SEND(ACK, .key = &rig.yuma, .time_ns = now_ns - 61 * SECOND_NS), "expired");
    assert_string_equal(SEND(ACK, .key = &rig.yuma, .time_ns = now_ns + 130 * SECOND_NS), "clock_skew");
    assert_string_equal(SEND(ACK, .key = &rig.yuma, .life_s = 86401), "malformed");
    assert_string_equal(SEND(.name = "transmit", .key = &rig.yuma), "malformed");
    assert_string_equal(SEND(.name = "reload", .key = &rig.ajo), "out_of_scope");
    assert_string_equal(SEND(.name = "received", .distress = "test-9-9", .key = &rig.yuma),
                        "unknown_distress");
    assert_int_equal(desk_find(rig.desk, id)->state, DISTRESS_STATE_RAISED);
    assert_int_equal(desk_find(rig.desk, id)->history_count, 1);
    assert_int_equal(rig.reloads, 0);
    assert_string_equal(SEND(ACK, .key = &rig.yuma), "accepted");
}

/* The desk follows 256 incidents, and a spool can be lost: what brokers retain of one that is followed no
 * more would call for help for ever. */
static void whoever_clears_what_is_not_followed_takes_its_copies_away(void **state)
{
    (void)state;
    static struct seen seen;
#define CLEAR .name = "clear", .person = "Ana", .outcome = "cleared"
    assert_string_equal(SEND(CLEAR, .distress = "test-9-9"), "unsigned");
    assert_string_equal(SEND(CLEAR, .distress = "other-9-9", .key = &rig.yuma), "unknown_distress");
    assert_string_equal(SEND(CLEAR, .distress = "testify-9-9", .key = &rig.yuma), "unknown_distress");
    assert_string_equal(
        SEND(.name = "acknowledge", .person = "Ana", .distress = "test-9-9", .key = &rig.yuma),
        "unknown_distress");
    fixture_read(rig.fixture, "b1", &seen);
    assert_int_equal(seen.count, 0);
    assert_string_equal(SEND(CLEAR, .distress = "test-9-9", .key = &rig.yuma), "unknown_distress");
    assert_non_null(strstr(rig.command.detail, "taken away"));
    for (const char *broker = "b0"; broker; broker = broker[1] == '0' ? "b1" : NULL) {
        fixture_read(rig.fixture, broker, &seen);
        assert_int_equal(seen.count, 2);
        assert_string_equal(seen.topic[0], "site/test/distress/test-9-9");
        assert_string_equal(seen.topic[1], "site/test/call/test-9-9");
        assert_string_equal(seen.payload[0], "");
        assert_string_equal(seen.payload[1], "");
    }
}

static void a_drill_answers_a_drill(void **state)
{
    (void)state;
    const char *id = raise_distress(true);
    assert_string_equal(SEND(ACK, .key = &rig.yuma, .test = true), "accepted");
    assert_string_equal(SEND(.name = "clear", .distress = id, .person = "Ana", .outcome = "cleared",
                             .key = &rig.yuma, .test = true),
                        "accepted");
    assert_int_equal(desk_find(rig.desk, id)->state, DISTRESS_STATE_EXERCISE);
}

static void each_command_is_obeyed_once_across_restarts(void **state)
{
    (void)state;
    assert_string_equal(SEND(.name = "reload", .id = "r-1", .key = &rig.yuma), "accepted");
    assert_string_equal(SEND(.name = "reload", .id = "r-1", .key = &rig.yuma), "replayed");
    close_all();
    open_all();
    assert_string_equal(SEND(.name = "reload", .id = "r-1", .key = &rig.yuma), "replayed");
    assert_string_equal(SEND(.name = "ping", .id = "r-1", .key = &rig.ajo),
                        "accepted"); /* another key's id */
    assert_string_equal(SEND(.name = "reload", .id = "r-2", .key = &rig.yuma), "accepted");
    assert_int_equal(rig.reloads, 2);
    rig.unusable = true;
    assert_string_equal(SEND(.name = "reload", .key = &rig.yuma), "not_possible");
}

/* What waits for a transmitter is gone with the program: said again it is obeyed, until it was sent. */
static void what_was_never_keyed_may_come_again_after_a_restart(void **state)
{
    (void)state;
#define TELL .name = "message", .id = "m-1", .unit = "patrol-1", .text = "turn back", .key = &rig.yuma
    assert_string_equal(SEND(TELL), "accepted");
    assert_string_equal(SEND(TELL), "replayed");
    close_all();
    open_all();
    assert_string_equal(SEND(TELL), "accepted");
    assert_string_equal(SEND(TELL), "replayed");
    assert_int_equal(rig.said, 2);
    orders_settle(rig.orders, "m-1");
    assert_string_equal(SEND(TELL), "replayed");
    close_all();
    open_all();
    assert_string_equal(SEND(TELL), "replayed");
    assert_int_equal(rig.said, 2);
}

/* Whoever got no answer asks again, and wants to know how the incident stands. */
static void a_repeated_step_tells_how_the_incident_stands(void **state)
{
    (void)state;
    const char *id = raise_distress(false);
    assert_string_equal(SEND(ACK, .id = "a-1", .key = &rig.yuma), "accepted");
    /* there is none here: who thinks that the crew was told looks for no other way */
    assert_non_null(strstr(rig.command.detail, "acknowledged; no radio of this site can tell the caller"));
    assert_string_equal(SEND(ACK, .id = "a-1", .key = &rig.yuma), "replayed");
    assert_non_null(strstr(rig.command.detail, "the distress is acknowledged"));
    close_all();
    open_all();
    assert_string_equal(SEND(ACK, .id = "a-1", .key = &rig.yuma), "replayed");
    assert_non_null(strstr(rig.command.detail, "the distress is acknowledged"));
}

/* A bad signature must not use up the id of a good command. */
static void what_was_refused_uses_up_no_id(void **state)
{
    (void)state;
    assert_string_equal(SEND(.name = "ping", .id = "p", .key = &rig.yuma, .spoil = 'b'), "bad_signature");
    assert_string_equal(SEND(.name = "ping", .id = "p", .key = &rig.yuma), "accepted");
}

static void the_memory_of_ids_is_bounded_and_forgets_what_is_long_over(void **state)
{
    (void)state;
    struct replay *replay;
    char id[32];
    int64_t now_ns = clock_utc_ns();
    assert_int_equal(replay_create(rig.fixture->spool, &replay), ATALAYA_OK);
    for (unsigned i = 0; i < 64; i++) {
        snprintf(id, sizeof id, "%u", i);
        assert_int_equal(
            replay_remember(replay,
                            &(struct replay_entry){"k", id, now_ns - (i % 2) * 90000 * SECOND_NS, false},
                            INT64_MIN),
            ATALAYA_OK);
    }
    assert_int_equal(replay_remember(replay, &(struct replay_entry){"k", "fresh", now_ns, false}, now_ns),
                     ATALAYA_OK); /* lets the old go */
    assert_int_equal(replay_remember(replay, &(struct replay_entry){"k", "0", now_ns, false}, now_ns),
                     ATALAYA_E_DENIED);
    assert_int_equal(replay_remember(replay, &(struct replay_entry){"k", "1", now_ns, false}, now_ns),
                     ATALAYA_OK);
    replay_destroy(replay);
}

/* Neither who has the key, nor who repeats what it signed, nor who has none keeps a person's answer away. */
static void a_flood_of_commands_is_held_back(void **state)
{
    (void)state;
    const char *id = raise_distress(false);
    unsigned accepted = 0, answered = 0, limited = 0;
    for (unsigned i = 0; i < 200; i++) {
        assert_string_equal(SEND(ACK), "unsigned");
        answered += orders_answers(rig.orders, 0, &rig.command);
    }
    assert_in_range(answered, 2, 80);
    answered = 0;
    for (unsigned i = 0; i < 200; i++) { /* said again: takes nothing of what the centre may */
        assert_string_equal(SEND(.name = "ping", .id = "same", .key = &rig.yuma),
                            i ? "replayed" : "accepted");
        bool told = orders_answers(rig.orders, 0, &rig.command);
        assert_true(told || i > 2); /* strangers have used up no answer of a centre's */
        answered += told;
    }
    assert_in_range(answered, 2, 80);
    for (unsigned i = 0; i < 200; i++) { /* one in 20 s is let through again, and this machine may be slow */
        const char *said = SEND(.name = "ping", .key = &rig.yuma);
        accepted += strcmp(said, "accepted") == 0;
        limited += strcmp(said, "rate_limited") == 0;
    }
    assert_in_range(accepted, 20, 40);
    assert_int_equal(accepted + limited, 200);
    assert_string_equal(SEND(.name = "ping", .key = &rig.ajo), "accepted"); /* another centre */
    assert_string_equal(SEND(ACK, .key = &rig.yuma), "accepted");           /* of the same centre: a step */
    assert_true(orders_answers(rig.orders, 0, &rig.command));
}

/* A centre that comes back answers every open incident at once. */
static void the_steps_of_all_incidents_have_room(void **state)
{
    (void)state;
    struct throttle steps = THROTTLE_STEPS, rest = THROTTLE_REST;
    int64_t now_ns = 90 * SECOND_NS;
    unsigned room = 0, a_day = 0;
    while (throttle_take(&steps, now_ns))
        room++;
    assert_true(room >= DISTRESS_OPEN_MAX && room < 2 * DISTRESS_OPEN_MAX);
    assert_true(throttle_take(&steps, now_ns + SECOND_NS));
    assert_false(throttle_take(&steps, now_ns + SECOND_NS));
    assert_false(throttle_take(&steps, now_ns)); /* a clock that steps back gives nothing */
    for (unsigned i = 0; i < 10 * 86400; i++)
        a_day += throttle_take(&rest, now_ns + i * SECOND_NS / 10);
    assert_true(a_day > 1000 && a_day < REPLAY_MAX);
}

static void unsigned_commands_are_for_those_who_chose_it(void **state)
{
    (void)state;
    const char *id = raise_distress(false);
    rig.fixture->config.centre[1].accept_unsigned = true;
    struct order order = {ACK, .centre = "ajo"};
    assert_string_equal(send_through(0, order), "unsigned"); /* not its broker */
    assert_string_equal(send_through(1, (struct order){.name = "reload", .centre = "ajo"}), "out_of_scope");
    assert_string_equal(send_through(1, (struct order){ACK}), "unsigned");
    assert_string_equal(send_through(1, order), "accepted");
    assert_string_equal(desk_find(rig.desk, id)->history[1].by, "Ana (ajo)");
    order.key = &rig.ajo; /* who signs is held to what the key may */
    assert_string_equal(send_through(1, order), "out_of_scope");
}

static void what_the_site_cannot_do_it_says(void **state)
{
    (void)state;
    close_all();
    rig.mute = true;
    open_all();
    rig.fixture->config.signer[0].may_count = 1;
    strcpy(rig.fixture->config.signer[0].may[0], "transmit");
    json_t *object = make(&(struct order){.name = "transmit"});
    json_object_set_new(object, "arguments", json_pack("{s:s, s:s}", "channel", "aprs", "text", "x"));
    sign(&(struct order){.name = "transmit", .key = &rig.yuma}, object);
    char *payload = json_dumps(object, 0);
    inbound_judge("test", "site/test/command/transmit", payload, strlen(payload), false, &rig.command);
    orders_execute(rig.orders, 0, &rig.command);
    assert_string_equal(inbound_refusal_text(rig.command.refusal), "unavailable");
    free(payload);
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_distress_goes_from_raised_to_cleared, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_refused_and_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(whoever_clears_what_is_not_followed_takes_its_copies_away, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_drill_answers_a_drill, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_command_is_obeyed_once_across_restarts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_never_keyed_may_come_again_after_a_restart, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_repeated_step_tells_how_the_incident_stands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_refused_uses_up_no_id, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_memory_of_ids_is_bounded_and_forgets_what_is_long_over, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_flood_of_commands_is_held_back, set_up, tear_down),
        cmocka_unit_test(the_steps_of_all_incidents_have_room),
        cmocka_unit_test_setup_teardown(unsigned_commands_are_for_those_who_chose_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_site_cannot_do_it_says, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
