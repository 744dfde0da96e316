/* SPDX-License-Identifier: Apache-2.0 */
/* The registry tells whose radio it is, and gives strangers a name that is safe in a topic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "atalaya/gateway/units.h"

static struct units *registry;

static void add(struct config *config, const char *name, const char *crew, const char *a, const char *b)
{
    struct config_unit *unit = &config->unit[config->unit_count++];
    snprintf(unit->name, sizeof unit->name, "%s", name);
    snprintf(unit->crew, sizeof unit->crew, "%s", crew);
    snprintf(unit->radios[unit->radio_count++], CONFIG_TEXT_MAX, "%s", a);
    if (b)
        snprintf(unit->radios[unit->radio_count++], CONFIG_TEXT_MAX, "%s", b);
}

static int make_registry(void **state)
{
    (void)state;
    struct config *config = calloc(1, sizeof *config);
    if (!config)
        return -1;
    add(config, "patrol-1", "Ortega", "ax25.N0CALL-9", "ax25.N0CALL-7");
    add(config, "patrol-2", "", "ax25.N0CALL", NULL);
    add(config, "mule", "", "dmr.2041", NULL);
    enum atalaya_result result = units_create(config, &registry);
    free(config); /* the registry keeps copies */
    return result == ATALAYA_OK ? 0 : -1;
}

static int destroy_registry(void **state)
{
    (void)state;
    units_destroy(registry);
    return 0;
}

static struct unit_identity identify(const char *space, const char *id)
{
    struct unit_identity who;
    units_identify(registry, space, id, &who);
    return who;
}

static void test_the_exact_radio_wins_over_the_call_sign(void **state)
{
    (void)state;
    struct unit_identity who = identify("ax25", "N0CALL-7");
    assert_true(who.known);
    assert_string_equal(who.name, "patrol-1");
    assert_string_equal(who.crew, "Ortega");
    assert_string_equal(identify("ax25", "N0CALL-3").name, "patrol-2");
    assert_string_equal(identify("ax25", "N0CALL").name, "patrol-2");
    assert_string_equal(identify("ax25", "n0call-9").name, "patrol-1");
}

static void test_address_spaces_are_kept_apart(void **state)
{
    (void)state;
    assert_true(identify("dmr", "2041").known);
    assert_false(identify("ax25", "2041").known);
    assert_false(identify("dmr", "2041-x").known);
    assert_false(identify("dmr", "2041-123").known);
}

static void test_strangers_get_a_name_safe_in_topics(void **state)
{
    (void)state;
    struct unit_identity who = identify("ax25", "N0XYZ-5");
    assert_false(who.known);
    assert_string_equal(who.name, "ax25.N0XYZ-5");
    assert_string_equal(who.crew, "");
    assert_string_equal(identify("ax25", "a/b+#\xff c").name, "ax25.a_b____c");
    assert_string_equal(identify("ax25", "").name, "ax25.unknown");
    assert_false(identify("ax25", "").known);
    char longest[400];
    memset(longest, 'A', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(strlen(identify("ax25", longest).name), CONFIG_TEXT_MAX - 1);
}

static void test_an_empty_registry_knows_nobody(void **state)
{
    (void)state;
    struct config *config = calloc(1, sizeof *config);
    struct units *empty;
    struct unit_identity who;
    assert_non_null(config);
    assert_int_equal(units_create(config, &empty), ATALAYA_OK);
    units_identify(empty, "ax25", "N0CALL", &who);
    assert_false(who.known);
    units_destroy(empty);
    units_destroy(NULL);
    free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_exact_radio_wins_over_the_call_sign),
        cmocka_unit_test(test_address_spaces_are_kept_apart),
        cmocka_unit_test(test_strangers_get_a_name_safe_in_topics),
        cmocka_unit_test(test_an_empty_registry_knows_nobody),
    };
    return cmocka_run_group_tests(tests, make_registry, destroy_registry);
}
