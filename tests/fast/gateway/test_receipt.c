/* SPDX-License-Identifier: Apache-2.0 */
/* A centre's system says `received` once to every distress that waits for it, in a form that the site takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../gateway/command/receipt.h"
#include "../../../gateway/lifecycle/signature.h"
#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/inbound.h"

static struct receipt_book book;
static struct signature_key key;
static char topic[RECEIPT_TOPIC_MAX];

static int set_up(void **state)
{
    (void)state;
    memset(&book, 0, sizeof book);
    return signature_key_generate("yuma-system", &key) ? 0 : -1;
}

static char *hear(const char *heard, const char *payload)
{
    return receipt_make(&book, &key, "atalaya/v1", heard, payload, strlen(payload), topic);
}

static void what_it_says_is_taken(void **state)
{
    (void)state;
    static struct inbound_command command;
    char *text = hear("atalaya/v1/site/north/distress/north-1-7", "{\"state\":\"delivered\",\"test\":true}");
    assert_non_null(text);
    assert_string_equal(topic, "atalaya/v1/site/north/command/received");
    inbound_judge("north", topic + strlen("atalaya/v1/"), text, strlen(text), false, &command);
    assert_int_equal(command.refusal, INBOUND_ACCEPTED);
    inbound_judge_time(&command, clock_utc_ns(), 0);
    assert_int_equal(command.refusal, INBOUND_ACCEPTED);
    assert_string_equal(command.distress, "north-1-7");
    assert_string_equal(command.key, "yuma-system");
    assert_true(command.test); /* a drill's receipt */
    assert_true(
        signature_verify(command.signature, command.signed_bytes, command.signed_length, key.public_key));
    free(text);
}

static void each_distress_gets_one(void **state)
{
    (void)state;
    char heard[96], *text;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < RECEIPT_SEEN_MAX; i++) {
            snprintf(heard, sizeof heard, "atalaya/v1/site/north/distress/north-1-%d", i);
            text = hear(heard, "{\"state\":\"raised\"}");
            assert_int_equal(text != NULL, round == 0);
            free(text);
        }
    text =
        hear("atalaya/v1/site/north/distress/one-more", "{\"state\":\"raised\"}"); /* the oldest makes room */
    assert_non_null(text);
    free(text);
}

static void what_asks_for_none_gets_none(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"atalaya/v1/site/north/distress/d", "{\"state\":\"received\"}"},
        {"atalaya/v1/site/north/distress/d", "{\"state\":\"cancelled\"}"},
        {"atalaya/v1/site/north/distress/d", "{\"state\":7}"},
        {"atalaya/v1/site/north/distress/d", "{\"state\":\"raised\""},
        {"atalaya/v1/site/north/distress/d", "[\"raised\"]"},
        {"atalaya/v1/site/north/distress/d", ""},
        {"atalaya/v1/site/north/distress/", "{\"state\":\"raised\"}"},
        {"atalaya/v1/site/north/distress/a/b", "{\"state\":\"raised\"}"},
        {"atalaya/v1/site//distress/d", "{\"state\":\"raised\"}"},
        {"atalaya/v1/site/a b/distress/d", "{\"state\":\"raised\"}"},
        {"atalaya/v1/site/north/message/d", "{\"state\":\"raised\"}"},
        {"atalaya/v2/site/north/distress/d", "{\"state\":\"raised\"}"},
        {"atalaya/v1/site", "{\"state\":\"raised\"}"},
        {"", "{\"state\":\"raised\"}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (hear(rows[i][0], rows[i][1]))
            fail_msg("row %zu has its receipt", i);
}

/* The id of the command that says `received`. */
static void id_of(const char *text, char id[80])
{
    const char *at = strstr(text, "\"id\":\"");
    assert_non_null(at);
    snprintf(id, 80, "%.*s", (int)strcspn(at + 6, "\""), at + 6);
}

/* A key that the tower does not know would otherwise be a centre that thinks it has told it. */
static void a_refusal_of_it_is_told(void **state)
{
    (void)state;
    char id[80], answer[512], why[RECEIPT_TEXT_MAX];
    char *text = hear("atalaya/v1/site/north/distress/north-1-7", "{\"state\":\"delivered\"}");
    assert_non_null(text);
    id_of(text, id);
    free(text);
    for (unsigned i = 0; i < 4; i++) {
        static const struct {
            const char *topic, *id, *rest;
        } rows[] = {{"atalaya/v1/site/north/response/x", NULL, "\"accepted\":true"},
                    {"atalaya/v1/site/north/response/x", "another", "\"accepted\":false"},
                    {"atalaya/v1/site/north/message/x", NULL, "\"accepted\":false"},
                    {"atalaya/v1/site/north/response/x", NULL, "\"accepted\":7"}};
        snprintf(answer, sizeof answer, "{\"command_id\":\"%s\",%s}", rows[i].id ? rows[i].id : id,
                 rows[i].rest);
        assert_false(receipt_refused(&book, "atalaya/v1", rows[i].topic, answer, strlen(answer), why));
    }
    snprintf(answer, sizeof answer,
             "{\"command_id\":\"%s\",\"accepted\":false,\"reason\":\"unknown_key\",\"detail\":\"no "
             "\\u001bcentre\"}",
             id);
    assert_true(receipt_refused(&book, "atalaya/v1", "atalaya/v1/site/north/response/x", answer,
                                strlen(answer), why));
    assert_string_equal(why,
                        "site north did not take the receipt of north-1-7, and goes on to others with it: "
                        "unknown_key no ?centre");
    snprintf(answer, sizeof answer, "{\"command_id\":\"%s\",\"accepted\":false}", id);
    assert_true(receipt_refused(&book, "atalaya/v1", "atalaya/v1/site/north/response/x", answer,
                                strlen(answer), why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_it_says_is_taken, set_up),
        cmocka_unit_test_setup(each_distress_gets_one, set_up),
        cmocka_unit_test_setup(what_asks_for_none_gets_none, set_up),
        cmocka_unit_test_setup(a_refusal_of_it_is_told, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
