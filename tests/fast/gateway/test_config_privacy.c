/* SPDX-License-Identifier: Apache-2.0 */
/* What a broker may know, in the configuration: what is taken, what is refused, and what is said about
 * options that do not do what they seem to. */
#include "config_text.h"

#include <stdio.h>

#define A            "UuZ/FVW4oGMCvs2YlnPRWsoB2PMbnHGMG7oe16ajUFg="
#define B            "KR5Oq1rYf239TQ5uTZnK31DvR1snecdFGcmMjCtwdEk="
#define READERS      "reader \"yuma\" { public_key = \"" A "\" } reader \"ajo\" { public_key = \"" B "\" } "
#define BROKER(more) "broker \"hq\" { host = localhost " more " }"

static const char *with(const char *source)
{
    static char text[2000];
    (void)snprintf(text, sizeof text,
                   "site { id = sasabe allow_list = false latitude_deg = 31.5 longitude_deg = -111.5 }\n"
                   "source \"card\" { type = alsa channel \"aprs\" { protocols = {\"ax25\"} } }\n%s\n",
                   source);
    return text;
}

static void what_is_given_arrives_and_nothing_else(void **state)
{
    (void)state;
    struct config *config =
        config_accept(with(READERS BROKER("tls = true position_precision_m = 1000 seal_to = {yuma, ajo} "
                                          "seal_calls_to = {ajo} reader_key_file = \"/k\"")));
    assert_string_equal(said.text, "");
    assert_true(config->broker[0].position_precision_m > 999.0 && !config->broker[0].coarse_distress);
    assert_int_equal(config->broker[0].seal_to_count, 2);
    assert_string_equal(config->broker[0].seal_to[1], "ajo");
    assert_string_equal(config->broker[0].reader_key_file, "/k");
    assert_int_equal(config->reader_count, 2);
    config_free(config);
    config = config_accept(with(BROKER("")));
    assert_true(config->broker[0].position_precision_m <= 0.0 && config->broker[0].seal_to_count == 0);
    config_free(config);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {BROKER("seal_to = {nobody}"), "a reader 'nobody' that there is not"},
        {READERS BROKER("seal_to = {yuma, yuma}"), "names 'yuma' twice"},
        {READERS BROKER("seal_calls_to = {yuma}"), "everything else would be open"},
        {BROKER("coarse_distress = true"), "without position_precision_m"},
        {"reader \"x\" { public_key = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\" }" BROKER(""),
         "is no X25519 key"},
        {"reader \"x\" { public_key = \"" A "\" } reader \"y\" { public_key = \"" A "\" }" BROKER(""),
         "the same public_key"},
        {"reader \"x\" { }" BROKER(""), "public_key"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        config_refuse(with(wrong[i][0]), wrong[i][1]);
}

static void what_is_unwise_is_said(void **state)
{
    (void)state;
    static const char *const unwise[][2] = {
        {"broker \"hq\" { host = \"example.org\" }", "over the network unencrypted"},
        {BROKER("position_precision_m = 20"), "is found in such a cell by sight"},
        {BROKER("position_precision_m = 1000 coarse_distress = true"), "whoever sends help"},
        {READERS BROKER("seal_to = {yuma} reader_key_file = \"/k\""), "two may answer one call"},
        {READERS BROKER("seal_to = {yuma} seal_calls_to = {ajo}"), "does not understand them"},
        {BROKER("position_precision_m = 1000") "broker \"b\" { host = localhost }",
         "broker 'b' at the same host and port is told"},
        {READERS BROKER("seal_to = {yuma}") "broker \"b\" { host = localhost }",
         "broker 'b' at the same host and port is told"},
    };
    for (size_t i = 0; i < sizeof unwise / sizeof *unwise; i++)
        config_warn(with(unwise[i][0]), unwise[i][1]);
    config_free(config_accept(with(READERS "broker \"hq\" { host = \"example.org\" seal_to = {yuma} }")));
    assert_string_equal(said.text, ""); /* sealed: the cable may be tapped */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_arrives_and_nothing_else),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(what_is_unwise_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
