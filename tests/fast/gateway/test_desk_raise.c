/* SPDX-License-Identifier: Apache-2.0 */
/* A call that was on disk when the program was killed is published by the next start, with one line in the
 * audit log, where its lines stay while it is open. fault.raise_kill9 kills a whole gateway there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk_rig.h"

static char stored[8192]; /* the state of the one incident */

static void keep_state(void *context, const char *key, const void *value, size_t length)
{
    (void)context, (void)key;
    assert_true(length < sizeof stored);
    memcpy(stored, value, length);
    stored[length] = '\0';
}

static void count_raised(void *context, uint64_t line, const char *text, size_t length, const char *fault)
{
    unsigned *raised = context;
    (void)line, (void)length;
    assert_null(fault);
    *raised += strstr(text, "\"event\":\"raised\"") != NULL;
}

static unsigned raised_lines(void)
{
    unsigned raised = 0;
    assert_int_equal(audit_check(desk_rig.fixture->config.spool.path, count_raised, &raised), 0);
    return raised;
}

/* The spool as the kill left it: the object as it is stored before its line, after line `after`, and nothing
 * to send. */
static void cut_off(uint64_t after)
{
    assert_int_equal(spool_list(desk_rig.fixture->spool, "distress", keep_state, NULL), ATALAYA_OK);
    json_t *object = json_loads(stored, 0, NULL);
    char key[DISTRESS_ID_MAX];
    snprintf(key, sizeof key, "%s", json_string_value(json_object_get(object, "distress")));
    json_object_del(object, "audit");
    json_object_set_new(object, "logged_after", json_integer((json_int_t)after));
    char *text = json_dumps(object, JSON_COMPACT);
    assert_int_equal(spool_put(desk_rig.fixture->spool, SPOOL_DISTRESS, "distress", key, text, strlen(text)),
                     ATALAYA_OK);
    free(text);
    json_decref(object);
    rig_read_documents();
    assert_int_equal(spool_delivered(desk_rig.fixture->spool, 0, desk_rig.ids, desk_rig.count), ATALAYA_OK);
    rig_close();
}

static void resume(unsigned lines)
{
    rig_open();
    rig_read_documents();
    assert_int_equal(desk_rig.count, 1);
    assert_string_equal(rig_text(0, "state"), "raised");
    assert_int_equal(raised_lines(), lines);
    struct audit_mark last = audit_last(desk_rig.audit);
    const json_t *mark = json_object_get(desk_rig.documents[0], "audit");
    assert_string_equal(json_string_value(json_object_get(mark, "hash")), last.hash);
    rig_close();
    rig_open(); /* and that was all that there was to do */
    assert_int_equal(raised_lines(), lines);
    assert_int_equal(desk_open_count(desk_rig.desk), 1);
}

static void begin(void)
{
    rig_close();
    desk_rig.audited = true;
    rig_open();
    rig_call("patrol-1");
    assert_int_equal(raised_lines(), 1);
}

static void killed_behind_its_line_it_is_published(void **state)
{
    (void)state;
    begin();
    cut_off(audit_last(desk_rig.audit).line - 1);
    resume(1);
}

static void killed_before_its_line_it_is_written_and_published(void **state)
{
    (void)state;
    begin();
    cut_off(audit_last(desk_rig.audit).line);
    resume(2); /* the first is that of the call as it went before the test took it back */
}

static void note_first(void *context, uint64_t line, const char *text, size_t length, const char *fault)
{
    uint64_t *first = context;
    (void)text, (void)length;
    assert_null(fault);
    *first = *first == 0 ? line : *first;
}

static uint64_t first_line(void)
{
    uint64_t first = 0;
    assert_int_equal(audit_check(desk_rig.fixture->config.spool.path, note_first, &first), 0);
    return first;
}

/* Five calls that are closed at once: ten lines. */
static void call_and_close(const char *unit)
{
    for (unsigned i = 0; i < 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s-%u", unit, i);
        rig_call(name);
        assert_int_equal(rig_step(DISTRESS_STATE_CLEARED, "yuma"), DISTRESS_STEP_MOVED);
        rig_read_documents();
        assert_int_equal(spool_delivered(desk_rig.fixture->spool, 0, desk_rig.ids, desk_rig.count),
                         ATALAYA_OK);
    }
}

static void lines_of_an_open_incident_stay_in_the_log(void **state)
{
    (void)state;
    const struct distress *distress;
    desk_rig.fixture->config.spool.audit_limit_bytes = 8 * 600; /* two lines a file */
    begin();
    rig_read_documents();
    char id[DISTRESS_ID_MAX];
    snprintf(id, sizeof id, "%s", rig_text(0, "distress"));
    call_and_close("patrol-2");
    rig_close(); /* the next run knows it too */
    rig_open();
    call_and_close("patrol-3");
    assert_int_equal(first_line(), 1);
    assert_int_equal(desk_step(desk_rig.desk,
                               &(struct desk_order){id, DISTRESS_STATE_CLEARED, "yuma", "hq", NULL},
                               &distress),
                     DISTRESS_STEP_MOVED);
    call_and_close("patrol-4");
    assert_true(first_line() > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_behind_its_line_it_is_published, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(killed_before_its_line_it_is_written_and_published, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(lines_of_an_open_incident_stay_in_the_log, rig_set_up, rig_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
