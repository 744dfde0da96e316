/* SPDX-License-Identifier: Apache-2.0 */
/* Who calls for help in words, and what is a drill. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../gateway/words.h"

static struct message message;
static struct words_verdict verdict;

static struct words *create(void)
{
    static struct config_distress settings = {
        .text_count = 2, .texts = {"SOS", "MAYDAY"}, .test_text_count = 1, .test_texts = {"drill"}};
    struct words *words;
    assert_int_equal(words_create(&settings, &words), ATALAYA_OK);
    return words;
}

static void judge(struct words *words, const char *field, const char *text)
{
    message_reset(&message, "ax25", "ax25");
    (void)message_add_string(&message, field, text);
    words_judge(words, &message, &verdict);
}

static void whole_words_of_any_case_raise(void **state)
{
    static const char *const calls[] = {"SOS", "sos!", "we say Sos.", "(SOS)", "SOS", "x mayday", "-SOS-"};
    static const char *const others[] = {"", "lasso so", "SOSO", "ASOS", "SOS1", "S OS", "\xc3\xa1sos"};
    struct words *words = create();
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        judge(words, "text", calls[i]);
        assert_int_equal(verdict.distress, DISTRESS_RAISED);
        assert_false(verdict.test);
    }
    assert_string_equal(verdict.reason, "text: SOS");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        judge(words, "text", others[i]);
        assert_int_equal(verdict.distress, DISTRESS_NONE);
    }
    words_destroy(words);
}

static void only_what_a_person_typed_counts(void **state)
{
    static const char *const typed[] = {"text", "status", "comment", "beacon"};
    static const char *const others[] = {"object", "item",         "destination",
                                         "source", "fault_detail", "user_data"};
    struct words *words = create();
    (void)state;
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        judge(words, typed[i], "SOS");
        assert_int_equal(verdict.distress, DISTRESS_RAISED);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        judge(words, others[i], "SOS");
        assert_int_equal(verdict.distress, DISTRESS_NONE);
    }
    words_destroy(words);
}

static void drills_never_look_real_nor_real_calls_like_drills(void **state)
{
    struct words *words = create();
    (void)state;
    judge(words, "text", "SOS this is a DRILL");
    assert_int_equal(verdict.distress, DISTRESS_RAISED);
    assert_true(verdict.test);
    judge(words, "text", "drill"); /* no call */
    assert_int_equal(verdict.distress, DISTRESS_NONE);
    assert_false(verdict.test);
    /* A drill in one text and a call in another: the call counts. */
    message_reset(&message, "ax25", "ax25");
    (void)message_add_string(&message, "text", "SOS drill");
    (void)message_add_string(&message, "comment", "MAYDAY");
    words_judge(words, &message, &verdict);
    assert_false(verdict.test);
    assert_string_equal(verdict.reason, "text: MAYDAY");
    /* The button stays what it is, whatever the comment says. */
    message_reset(&message, "ax25", "ax25");
    message.distress = DISTRESS_RAISED;
    (void)message_add_string(&message, "comment", "drill");
    words_judge(words, &message, &verdict);
    assert_false(verdict.test);
    assert_string_equal(verdict.reason, "ax25: emergency");
    /* A test by protocol is one, with words too. */
    message_reset(&message, "ax25", "ax25");
    message.test = true;
    (void)message_add_string(&message, "text", "SOS");
    words_judge(words, &message, &verdict);
    assert_true(verdict.test);
    words_destroy(words);
}

static void a_reload_brings_other_words(void **state)
{
    struct config_distress settings = {.text_count = 1, .texts = {"auxilio"}};
    struct words *words = create();
    (void)state;
    words_replace(words, &settings);
    judge(words, "text", "SOS");
    assert_int_equal(verdict.distress, DISTRESS_NONE);
    judge(words, "text", "Auxilio");
    assert_int_equal(verdict.distress, DISTRESS_RAISED);
    words_destroy(words);
}

/* What a fleet's numbers mean is the site's to say: of each protocol by itself, and which call for help. */
static void numbers_mean_what_the_site_says(void **state)
{
    static const struct config_code codes[] = {
        {.protocol = "mdc1200", .field = "status", .value = "3", .text = "On scene"},
        {.protocol = "mdc1200", .field = "status", .value = "9", .text = "Man down", .emergency = true},
        {.protocol = "fleetsync", .field = "to", .value = "100-1999", .text = "All cars"}};
    static const struct {
        const char *protocol, *to;
        int status;
        const char *text;
        enum distress_kind distress;
    } said[] = {{"mdc1200", "", 3, "On scene", DISTRESS_NONE},
                {"mdc1200", "", 9, "Man down", DISTRESS_RAISED},
                {"mdc1200", "", 33, NULL, DISTRESS_NONE},
                {"fleetsync", "", 9, NULL, DISTRESS_NONE},
                {"fleetsync", "100-1999", 3, "All cars", DISTRESS_NONE}};
    struct words *words = create();
    (void)state;
    words_replace_codes(words, codes, sizeof codes / sizeof *codes);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        char text[CONFIG_TEXT_MAX] = "";
        message_reset(&message, said[i].protocol, said[i].protocol);
        strcpy(message.to, said[i].to);
        (void)message_add_integer(&message, "status", said[i].status);
        assert_int_equal(words_code_text(words, &message, text), said[i].text != NULL);
        assert_string_equal(text, said[i].text ? said[i].text : "");
        words_judge(words, &message, &verdict);
        assert_int_equal(verdict.distress, said[i].distress);
        assert_false(verdict.test);
        if (said[i].distress == DISTRESS_RAISED)
            assert_string_equal(verdict.reason, "mdc1200 status 9: Man down");
    }
    words_replace_codes(words, codes, 0);
    message_reset(&message, "mdc1200", "mdc1200");
    (void)message_add_integer(&message, "status", 9);
    words_judge(words, &message, &verdict);
    assert_int_equal(verdict.distress, DISTRESS_NONE);
    words_destroy(words);
}

static void a_text_with_a_zero_in_it_is_read_to_its_end(void **state)
{
    struct words *words = create();
    (void)state;
    message_reset(&message, "ax25", "ax25");
    (void)message_add_text(&message, "text", "a\0SOS", 5);
    words_judge(words, &message, &verdict);
    assert_int_equal(verdict.distress, DISTRESS_RAISED);
    words_destroy(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_words_of_any_case_raise),
        cmocka_unit_test(only_what_a_person_typed_counts),
        cmocka_unit_test(drills_never_look_real_nor_real_calls_like_drills),
        cmocka_unit_test(a_reload_brings_other_words),
        cmocka_unit_test(numbers_mean_what_the_site_says),
        cmocka_unit_test(a_text_with_a_zero_in_it_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
