/* SPDX-License-Identifier: Apache-2.0 */
/* What a number means in a fleet: patterns against messages, what they raise, and who is meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../../../gateway/codes.h"
#include "../../../gateway/words.h"

static struct message message;
static struct code_hit hit;

static void number(const char *protocol, const char *unit, const char *to, const char *code)
{
    message_reset(&message, protocol, protocol);
    (void)snprintf(message.unit, sizeof message.unit, "%s", unit);
    (void)snprintf(message.to, sizeof message.to, "%s", to);
    (void)message_add_string(&message, "code", code);
}

static bool matches(const char *match)
{
    struct config_code code = {.name = "a", .match_count = 1};
    (void)snprintf(code.match[0], sizeof code.match[0], "%s", match);
    codes_find(&code, 1, &message, &hit);
    return hit.code != NULL;
}

static void patterns_match_whole_values_only(void **state)
{
    (void)state;
    number("select5", "99123", "", "99123");
    assert_true(matches("select5.code=99123"));
    assert_true(matches("select5.unit=99123"));
    assert_true(matches("select5.code=99###"));
    assert_true(matches("select5.code=9?1*"));
    assert_true(matches("select5.code=*"));
    assert_true(matches("select5.code=99123*"));
    assert_false(matches("select5.code=9912"));
    assert_false(matches("select5.code=991234"));
    assert_false(matches("select5.code=99124"));
    assert_false(matches("select5.code=98###"));
    assert_false(matches("select5.to=*"));
    assert_false(matches("select5.nothing=*"));
    assert_false(matches("dtmf.code=99123"));
    number("dtmf", "9A", "", "9A");
    assert_false(matches("dtmf.code=9#"));
    assert_true(matches("dtmf.code=9?"));
}

static void numbers_and_texts_of_any_field_match(void **state)
{
    (void)state;
    message_reset(&message, "mdc1200", "mdc1200");
    (void)message_add_integer(&message, "status", 13);
    (void)message_add_boolean(&message, "lone_worker", true);
    assert_true(matches("mdc1200.status=13"));
    assert_true(matches("mdc1200.status=1#"));
    assert_false(matches("mdc1200.status=3"));
    assert_false(matches("mdc1200.lone_worker=*"));
    message_reset(&message, "cospas_sarsat", "cospas_sarsat");
    (void)message_add_string(&message, "status", "on scene");
    assert_true(matches("cospas-sarsat.status=on scene"));
}

static void letters_in_the_pattern_say_who_is_meant(void **state)
{
    (void)state;
    number("select5", "99123", "", "99123");
    assert_true(matches("select5.code=99UUU"));
    assert_string_equal(hit.unit, "123");
    assert_string_equal(hit.to, "");
    assert_true(matches("select5.code=TTTTT"));
    assert_string_equal(hit.unit, "");
    assert_string_equal(hit.to, "99123");
    number("select5", "76845", "18516", "18516-76845");
    assert_true(matches("select5.code=18TTT-UUUU5"));
    assert_string_equal(hit.unit, "7684");
    assert_string_equal(hit.to, "516");
    assert_false(matches("select5.code=18516UUUUUU")); /* no id has a hyphen from a pattern */
}

static void the_first_code_is_meant_but_a_distress_before_all(void **state)
{
    (void)state;
    static struct config_code codes[3] = {
        {.name = "own", .match_count = 1, .match = {"select5.code=##UUU"}},
        {.name = "all", .match_count = 1, .match = {"select5.code=*"}, .text = "anything"},
        {.name = "sos",
         .match_count = 2,
         .match = {"dtmf.code=911", "select5.code=99###"},
         .distress = CODE_RAISES}};
    number("select5", "12345", "", "12345");
    codes_find(codes, 3, &message, &hit);
    assert_string_equal(hit.code->name, "all"); /* it has a text */
    assert_string_equal(hit.unit, "345");
    number("select5", "99345", "", "99345");
    codes_find(codes, 3, &message, &hit);
    assert_string_equal(hit.code->name, "sos");
    assert_string_equal(hit.unit, "345");
    codes_find(codes, 0, &message, &hit);
    assert_null(hit.code);
}

static void codes_raise_cancel_and_drill(void **state)
{
    (void)state;
    static const struct config_distress settings = {.text_count = 1, .texts = {"SOS"}};
    static const struct config_code codes[3] = {
        {.name = "sos",
         .match_count = 1,
         .match = {"select5.code=99UUU"},
         .distress = CODE_RAISES,
         .text = "Man down"},
        {.name = "drill", .match_count = 1, .match = {"select5.code=98###"}, .distress = CODE_DRILL},
        {.name = "over", .match_count = 1, .match = {"select5.code=97###"}, .distress = CODE_CANCELS}};
    struct words *words;
    struct words_verdict verdict;
    assert_int_equal(words_create(&settings, &words), ATALAYA_OK);
    number("select5", "99123", "", "99123");
    words_judge(words, &message, &verdict);
    assert_int_equal(verdict.distress, DISTRESS_NONE);
    words_set_codes(words, codes, 3);
    words_judge(words, &message, &verdict);
    assert_int_equal(verdict.distress, DISTRESS_RAISED);
    assert_false(verdict.test);
    assert_string_equal(verdict.reason, "code: sos");
    assert_string_equal(verdict.code_text, "Man down");
    assert_string_equal(verdict.unit, "123");
    number("select5", "98123", "", "98123");
    words_judge(words, &message, &verdict);
    assert_true(verdict.distress == DISTRESS_RAISED && verdict.test);
    number("select5", "97123", "", "97123");
    words_judge(words, &message, &verdict);
    assert_int_equal(verdict.distress, DISTRESS_CANCELLED);
    message.distress = DISTRESS_RAISED; /* a button stays a button */
    words_judge(words, &message, &verdict);
    assert_int_equal(verdict.distress, DISTRESS_RAISED);
    assert_string_equal(verdict.reason, "select5: emergency");
    words_destroy(words);
}

static void ignore(void *context, bool is_error, const char *place, const char *text)
{
    (void)context;
    (void)is_error;
    (void)place;
    (void)text;
}

static struct config *parse(const char *section, const char *channel)
{
    static char text[2000];
    struct config *config = NULL;
    (void)snprintf(text, sizeof text,
                   "site { id = sasabe }\nbroker \"hq\" { host = localhost }\nsource \"a\" { type = alsa\n"
                   "channel \"b\" { protocols = {select5, dtmf} %s } }\n%s\n",
                   channel, section);
    (void)config_parse(text, strlen(text), "test", &config, ignore, NULL);
    return config;
}

static void the_configuration_brings_codes_and_variants(void **state)
{
    (void)state;
    struct config *config =
        parse("code \"sos\" { match = {\"select5.code=99UUU\", \"dtmf.unit=911\"} distress = raise "
              "text = \"Man down\" }",
              "variants = {zvei2, ccir1}");
    assert_non_null(config);
    assert_int_equal(config->code_count, 1);
    assert_int_equal(config->code[0].match_count, 2);
    assert_int_equal(config->code[0].distress, CODE_RAISES);
    assert_int_equal(config->channel[0].variant_count, 2);
    config_free(config);
    assert_null(parse("code \"sos\" { match = {\"99UUU\"} }", ""));
    assert_null(parse("code \"sos\" { match = {\"select5=99UUU\"} }", ""));
    assert_null(parse("code \"sos\" { match = {\"select5.code=\"} }", ""));
    assert_null(parse("code \"sos\" { match = {\"select9.code=99UUU\"} }", ""));
    assert_null(parse("code \"sos\" { text = \"x\" }", ""));
    assert_null(parse("", "variants = {zvei9}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_whole_values_only),
        cmocka_unit_test(numbers_and_texts_of_any_field_match),
        cmocka_unit_test(letters_in_the_pattern_say_who_is_meant),
        cmocka_unit_test(the_first_code_is_meant_but_a_distress_before_all),
        cmocka_unit_test(codes_raise_cancel_and_drill),
        cmocka_unit_test(the_configuration_brings_codes_and_variants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
