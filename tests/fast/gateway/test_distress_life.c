/* SPDX-License-Identifier: Apache-2.0 */
/* Every order of events, to a depth of 6 in the machine and of 4 through desk and spool: only legal states,
 * no acknowledged distress is lost, none that is closed reopens by a repeat within its window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../gateway/desk.h"
#include "atalaya/gateway/clock.h"
#include "spool_fixture.h"

enum { MACHINE_DEPTH = 6, DESK_DEPTH = 4 };
#define SECOND_NS INT64_C(1000000000)

/* ---- the machine alone ---- */

static const struct {
    enum distress_state state;
    const char *by;
} events[] = {
    {DISTRESS_STATE_RAISED, "patrol-1"},    {DISTRESS_STATE_DELIVERED, "hq"},
    {DISTRESS_STATE_RECEIVED, "yuma"},      {DISTRESS_STATE_RECEIVED, "ajo"},
    {DISTRESS_STATE_ACKNOWLEDGED, "Ana"},   {DISTRESS_STATE_ACKNOWLEDGED, "Luis"},
    {DISTRESS_STATE_RADIO_ACKED, "site"},   {DISTRESS_STATE_CLEARED, "Ana"},
    {DISTRESS_STATE_CANCELLED, "patrol-1"}, {DISTRESS_STATE_FALSE_ALARM, "Ana"},
    {DISTRESS_STATE_EXERCISE, "Ana"},
};
enum { EVENT_COUNT = sizeof events / sizeof *events };

static struct distress distress;
static unsigned long visited;

static bool told(enum distress_state state)
{
    for (unsigned i = 0; i < distress.history_count; i++)
        if (distress.history[i].state == state)
            return true;
    return false;
}

static void check_step(enum distress_state before, const struct distress_step *step,
                       enum distress_outcome outcome, unsigned entries)
{
    enum distress_state now = distress.state;
    assert_true(now < DISTRESS_STATE_COUNT && now >= before);
    assert_true(told(now) && distress.history[0].state == DISTRESS_STATE_RAISED);
    assert_int_equal(distress.history_count, entries + (outcome >= DISTRESS_STEP_NOTED));
    assert_int_equal(outcome == DISTRESS_STEP_MOVED, now != before);
    if (outcome == DISTRESS_STEP_MOVED)
        assert_int_equal(now, step->state);
    if (distress_state_is_closed(before)) /* closed stays closed, as it was */
        assert_true(now == before && outcome < DISTRESS_STEP_NOTED);
    if (now == DISTRESS_STATE_RADIO_ACKED) /* no answer is keyed before a person has it */
        assert_true(told(DISTRESS_STATE_ACKNOWLEDGED));
    bool by_a_person = step->state == DISTRESS_STATE_CLEARED || step->state == DISTRESS_STATE_FALSE_ALARM ||
                       step->state == DISTRESS_STATE_EXERCISE;
    if (before == DISTRESS_STATE_ACKNOWLEDGED || before == DISTRESS_STATE_RADIO_ACKED)
        assert_true(told(DISTRESS_STATE_ACKNOWLEDGED) && (!distress_state_is_closed(now) || by_a_person));
    if (step->state == DISTRESS_STATE_ACKNOWLEDGED && !distress_state_is_closed(before))
        assert_true(now >= DISTRESS_STATE_ACKNOWLEDGED && told(DISTRESS_STATE_ACKNOWLEDGED));
}

static void explore(unsigned depth)
{
    for (unsigned e = 0; e < EVENT_COUNT && depth > 0; e++) {
        struct distress_step step = {.state = distress_closing(distress.test, events[e].state)};
        enum distress_state before = distress.state;
        unsigned entries = distress.history_count;
        bool cancel_heard = distress.cancel_heard;
        strcpy(step.by, events[e].by);
        check_step(before, &step, distress_advance(&distress, &step), entries);
        if (distress.test) /* a drill never ends like a real call */
            assert_true(distress.state != DISTRESS_STATE_CLEARED &&
                        distress.state != DISTRESS_STATE_FALSE_ALARM);
        visited++;
        explore(depth - 1);
        distress.state = before;
        distress.history_count = entries;
        distress.cancel_heard = cancel_heard;
    }
}

static void begin(bool test)
{
    const struct distress_step raised = {.state = DISTRESS_STATE_RAISED, .by = "patrol-1"};
    memset(&distress, 0, sizeof distress);
    distress.test = test;
    assert_int_equal(distress_advance(&distress, &raised), DISTRESS_STEP_MOVED);
}

static void every_order_ends_in_a_legal_state(void **state)
{
    (void)state;
    begin(false);
    explore(MACHINE_DEPTH);
    begin(true);
    explore(MACHINE_DEPTH);
    print_message("%lu steps\n", visited);
    assert_true(visited > 3000000);
}

static void nothing_begins_but_by_being_raised(void **state)
{
    (void)state;
    for (unsigned asked = 1; asked <= DISTRESS_STATE_COUNT; asked++) {
        const struct distress_step step = {.state = (enum distress_state)asked};
        memset(&distress, 0, sizeof distress);
        assert_int_equal(distress_advance(&distress, &step), DISTRESS_STEP_REFUSED);
        assert_int_equal(distress.history_count, 0);
    }
    assert_int_equal(distress_judge(DISTRESS_STATE_COUNT, DISTRESS_STATE_RAISED), DISTRESS_STEP_REFUSED);
}

static void a_full_history_keeps_the_first_of_every_state(void **state)
{
    (void)state;
    begin(false);
    for (unsigned i = 0; i < 200; i++) {
        struct distress_step step = {.state = i < 40 ? DISTRESS_STATE_RECEIVED : DISTRESS_STATE_ACKNOWLEDGED};
        snprintf(step.by, sizeof step.by, "centre-%u", i);
        assert_true(distress_advance(&distress, &step) >= DISTRESS_STEP_NOTED);
    }
    const struct distress_step end = {.state = DISTRESS_STATE_CLEARED, .by = "Ana"};
    assert_int_equal(distress_advance(&distress, &end), DISTRESS_STEP_MOVED);
    assert_int_equal(distress.history_count, DISTRESS_HISTORY_MAX);
    assert_string_equal(distress.history[0].by, "patrol-1");
    assert_string_equal(distress.history[1].by, "centre-0");
    assert_string_equal(distress.history[2].by, "centre-40");
    assert_string_equal(distress.history[DISTRESS_HISTORY_MAX - 2].by, "centre-199");
    assert_string_equal(distress.history[DISTRESS_HISTORY_MAX - 1].by, "Ana");
}

/* ---- through desk and spool ---- */

enum happening {
    CALL,
    LATE_CALL,
    CANCEL,
    DELIVERED,
    RECEIVED,
    ACKNOWLEDGED,
    CLEARED,
    POSITION,
    RESTART,
    HAPPENING_COUNT
};

static struct spool_fixture *fixture;
static struct envelope_maker maker;
static struct desk *desk;
static int64_t utc_ns, mono_ns;

static void open_desk(void)
{
    const struct desk_setting setting = {
        .spool = fixture->spool, .maker = &maker, .config = &fixture->config, .windows = {600, 60}};
    maker.boot++;
    maker.seq = 0;
    assert_int_equal(desk_create(&setting, &desk), ATALAYA_OK);
}

static void hear(enum distress_kind kind)
{
    static struct reception reception;
    struct unit_identity who = {.name = "patrol-1", .known = true};
    struct words_verdict verdict = {.distress = kind, .reason = "button"};
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    reception.mono_ns = mono_ns;
    desk_hear(desk, &(struct desk_call){&reception, &who, &verdict, utc_ns, NULL, NULL});
}

/* What the world knows of the one unit's incidents. */
struct known {
    unsigned count;
    char id[DESK_DEPTH + 1][DISTRESS_ID_MAX];
    enum distress_state state[DESK_DEPTH + 1];
};

static void learn(void *context, const char *key, const void *value, size_t length)
{
    struct known *known = context;
    struct distress *read = malloc(sizeof *read);
    json_t *object = json_loadb(value, length, 0, NULL);
    assert_int_equal(distress_from_json(object, read), ATALAYA_OK);
    assert_true(known->count <= DESK_DEPTH);
    strcpy(known->id[known->count], key);
    known->state[known->count++] = read->state;
    json_decref(object);
    free(read);
}

static struct known on_disk(void)
{
    struct known known = {0};
    assert_int_equal(spool_list(fixture->spool, "distress", learn, &known), ATALAYA_OK);
    return known;
}

static void happen(enum happening what)
{
    static const enum distress_state asked[HAPPENING_COUNT] = {[DELIVERED] = DISTRESS_STATE_DELIVERED,
                                                               [RECEIVED] = DISTRESS_STATE_RECEIVED,
                                                               [ACKNOWLEDGED] = DISTRESS_STATE_ACKNOWLEDGED,
                                                               [CLEARED] = DISTRESS_STATE_CLEARED};
    const struct whereabout here = {.lat_deg = 31, .lon_deg = -111};
    int64_t passed_ns = (what == LATE_CALL ? 700 : 20) * SECOND_NS;
    struct known known = on_disk();
    utc_ns += passed_ns;
    mono_ns += passed_ns;
    if (what == CALL || what == LATE_CALL)
        hear(DISTRESS_RAISED);
    else if (what == CANCEL)
        hear(DISTRESS_CANCELLED);
    else if (what == POSITION)
        desk_position(desk, "patrol-1", "ax25.N0CALL-1", &here);
    else if (what == RESTART) {
        desk_destroy(desk);
        open_desk();
    } else if (known.count > 0) {
        const struct distress *found;
        (void)desk_step(desk, &(struct desk_order){known.id[known.count - 1], asked[what], "Ana", "hq", NULL},
                        &found);
        assert_non_null(found);
    }
}

static const struct distress *lasts(const char *id, enum distress_state before)
{
    const struct distress *found = desk_find(desk, id);
    if (!found) /* nothing but tidying forgets, and nobody tidies here */
        fail_msg("%s (%s) is lost", id, distress_state_text(before));
    return found;
}

static void check_world(enum happening what, const struct known *before, bool heard_lately)
{
    struct known after = on_disk();
    for (unsigned i = 0; i < before->count; i++) {
        enum distress_state was = before->state[i];
        const struct distress *now = lasts(before->id[i], was);
        assert_int_equal(now->state, after.state[i]); /* disk and memory agree */
        assert_true(now->state >= was);
        if (distress_state_is_closed(was))
            assert_int_equal(now->state, was);
        if (was == DISTRESS_STATE_ACKNOWLEDGED)
            assert_true(now->state == was || what == CLEARED);
    }
    bool calls = what == CALL || what == LATE_CALL;
    if (calls && before->count == 0)
        assert_int_equal(after.count, 1);
    if (what == CALL && heard_lately && before->count > 0) /* a repeat within its window begins nothing */
        assert_int_equal(after.count, before->count);
    if (what == LATE_CALL) /* a call after the window is never swallowed */
        assert_int_equal(after.count, before->count + 1);
    if (!calls)
        assert_int_equal(after.count, before->count);
}

static void forget(void *context, const char *key, const void *value, size_t length)
{
    (void)value, (void)length;
    struct known *known = context;
    strcpy(known->id[known->count++], key);
}

static void run_sequence(const enum happening *sequence)
{
    struct known left = {0};
    int64_t called_ns = INT64_MIN / 2;
    for (unsigned i = 0; i < DESK_DEPTH; i++) {
        struct known before = on_disk();
        bool lately = called_ns == mono_ns;
        happen(sequence[i]);
        check_world(sequence[i], &before, lately);
        if (sequence[i] == CALL || sequence[i] == LATE_CALL)
            called_ns = mono_ns;
    }
    desk_destroy(desk);
    assert_int_equal(spool_list(fixture->spool, "distress", forget, &left), ATALAYA_OK);
    for (unsigned i = 0; i < left.count; i++)
        assert_int_equal(spool_put(fixture->spool, SPOOL_DISTRESS, "distress", left.id[i], NULL, 0),
                         ATALAYA_OK);
    open_desk();
}

static void every_order_of_happenings_is_kept(void **state)
{
    (void)state;
    fixture = fixture_create(1);
    if (access("/dev/shm", W_OK) == 0) /* thousands of synced steps */
        snprintf(fixture->config.spool.path, sizeof fixture->config.spool.path, "/dev/shm/%s.db",
                 strrchr(fixture->folder, ' ') + 1);
    fixture_open(fixture);
    strcpy(maker.site_id, "test");
    assert_int_equal(site_create(&fixture->config, &maker.site), ATALAYA_OK);
    utc_ns = clock_utc_ns();
    mono_ns = clock_mono_ns();
    open_desk();
    for (unsigned n = 0; n < HAPPENING_COUNT * HAPPENING_COUNT * HAPPENING_COUNT * HAPPENING_COUNT; n++) {
        enum happening sequence[DESK_DEPTH];
        for (unsigned i = 0, rest = n; i < DESK_DEPTH; i++, rest /= HAPPENING_COUNT)
            sequence[i] = (enum happening)(rest % HAPPENING_COUNT);
        if (sequence[0] <= LATE_CALL) /* without a call there is nothing to lose */
            run_sequence(sequence);
    }
    desk_destroy(desk);
    site_destroy(maker.site);
    fixture_close(fixture);
    const char *const ends[] = {"", "-wal", "-shm", "-lock"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[CONFIG_PATH_MAX + 8];
        snprintf(path, sizeof path, "%s%s", fixture->config.spool.path, ends[i]);
        (void)unlink(path);
    }
    fixture_destroy(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_ends_in_a_legal_state),
        cmocka_unit_test(nothing_begins_but_by_being_raised),
        cmocka_unit_test(a_full_history_keeps_the_first_of_every_state),
        cmocka_unit_test(every_order_of_happenings_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
