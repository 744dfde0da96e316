/* SPDX-License-Identifier: Apache-2.0 */
/* What the fleet's numbers mean is read as written; two meanings of one number are told with their lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "atalaya/gateway/config.h"

#define SITE                                                                                                 \
    "site { id = sasabe allow_list = false latitude_deg = 31.5 longitude_deg = -111.5 }\n"                   \
    "source \"vhf\" { type = alsa channel \"voice\" { protocols = {\"mdc1200\"} } }\n"                       \
    "broker \"hq\" { host = localhost }\n"

static char said[4096];

static void note(void *context, bool is_error, const char *place, const char *text)
{
    (void)context;
    size_t used = strlen(said);
    snprintf(said + used, sizeof said - used, "%s: %s%s\n", place, is_error ? "" : "warning: ", text);
}

static struct config *parse(const char *text)
{
    struct config *config = NULL;
    said[0] = '\0';
    (void)config_parse(text, strlen(text), "/etc/a/t.conf", &config, note, NULL);
    return config;
}

static void a_code_arrives_with_its_defaults(void **state)
{
    (void)state;
    struct config *config = parse(
        SITE "code \"on-scene\" { protocol = mdc1200 value = 3 text = \"On scene\" }\n"
             "code \"down\" { protocol = \"fleetsync\" field = to value = \"100-1999\" text = \"Man down\" "
             "emergency = true }\n");
    if (!config)
        fail_msg("refused:\n%s", said);
    assert_string_equal(said, "");
    assert_int_equal(config->code_count, 2);
    assert_string_equal(config->code[0].field, "status");
    assert_string_equal(config->code[0].value, "3");
    assert_string_equal(config->code[0].text, "On scene");
    assert_false(config->code[0].emergency);
    assert_string_equal(config->code[1].field, "to");
    assert_true(config->code[1].emergency);
    config_free(config);
}

static void what_cannot_be_meant_is_refused(void **state)
{
    static const struct {
        const char *text, *words;
    } wrong[] = {
        {SITE "code \"a\" { protocol = mdc value = 3 text = x }\n",
         "t.conf:4: code 'a': no protocol \"mdc\""},
        {SITE "code \"a\" { protocol = mdc1200 value = 3 text = x }\n"
              "code \"b\" { protocol = mdc1200 value = 3 text = y }\n",
         "t.conf:5: code 'b' is the same as code 'a' in line 4: status 3 of mdc1200"},
        {SITE "code \"a\" { protocol = mdc1200 text = x }\n", "value"},
        {SITE "code \"a\" { protocol = mdc1200 value = 3 }\n", "text"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(parse(wrong[i].text));
        if (!strstr(said, wrong[i].words))
            fail_msg("expected \"%s\" in:\n%s", wrong[i].words, said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_arrives_with_its_defaults),
        cmocka_unit_test(what_cannot_be_meant_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
